from policy.models.endorsement import Endorsement, ProgressReport
from policy.models.recommendation import Recommendation, RecommendationItem, Roundtable

__all__ = ["Endorsement", "ProgressReport", "Recommendation", "RecommendationItem", "Roundtable"]

from policy.models.endorsement import Endorsement, ProgressReport
from policy.models.figures import PopulationFigure, ProgrammeFigure
from policy.models.programme import Programme, ProgrammeFunder, ProgrammeSchool
from policy.models.recommendation import Recommendation, RecommendationItem, Roundtable
from policy.models.version import RecommendationVersion, VersionStep

__all__ = [
    "Endorsement",
    "PopulationFigure",
    "Programme",
    "ProgrammeFigure",
    "ProgrammeFunder",
    "ProgrammeSchool",
    "ProgressReport",
    "Recommendation",
    "RecommendationItem",
    "RecommendationVersion",
    "Roundtable",
    "VersionStep",
]

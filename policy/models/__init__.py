from policy.models.brief import BriefCopy, BriefSignOff
from policy.models.calls import CallChoice, CallReminder
from policy.models.consultation import Consultation, ConsultationComment
from policy.models.contact import CallNote
from policy.models.endorsement import Endorsement
from policy.models.figures import PopulationFigure, ProgrammeFigure
from policy.models.importing import ProgrammeImport, ProgrammeRow
from policy.models.period import ReportPeriod
from policy.models.plan import PlanItem
from policy.models.programme import Programme, ProgrammeFunder, ProgrammeSchool
from policy.models.progress import Milestone, ProgressReport, ProgressSnapshot
from policy.models.recommendation import Recommendation, RecommendationItem, Roundtable
from policy.models.table import (
    Contribution,
    RoundtableMeeting,
    RoundtableSeat,
    TargetShare,
    VersionSource,
)
from policy.models.version import RecommendationVersion, VersionStep
from policy.models.vouching import ElectionDay, EndorsementShare, Reconfirmation

__all__ = [
    "BriefCopy",
    "BriefSignOff",
    "CallChoice",
    "CallNote",
    "CallReminder",
    "Consultation",
    "ConsultationComment",
    "Contribution",
    "ElectionDay",
    "Endorsement",
    "EndorsementShare",
    "Milestone",
    "PlanItem",
    "PopulationFigure",
    "Programme",
    "ProgrammeFigure",
    "ProgrammeFunder",
    "ProgrammeImport",
    "ProgrammeRow",
    "ProgrammeSchool",
    "ProgressReport",
    "ProgressSnapshot",
    "Recommendation",
    "RecommendationItem",
    "RecommendationVersion",
    "Reconfirmation",
    "ReportPeriod",
    "Roundtable",
    "RoundtableMeeting",
    "RoundtableSeat",
    "TargetShare",
    "VersionSource",
    "VersionStep",
]

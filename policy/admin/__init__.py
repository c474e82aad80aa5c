from policy.admin import endorsement as endorsement
from policy.admin import recommendation as recommendation

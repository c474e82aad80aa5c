from policy.admin import brief as brief
from policy.admin import endorsement as endorsement
from policy.admin import programme as programme
from policy.admin import recommendation as recommendation
from policy.admin import table as table

from trialkit.web.application import make_application as make_application
from trialkit.web.serving import serve as serve
from trialkit.web.setting import ShownAccount as ShownAccount, Web as Web

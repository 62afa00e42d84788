from trialkit.web.application import application as application
from trialkit.web.serving import serve as serve
from trialkit.web.setting import ShownAccount as ShownAccount, Web as Web

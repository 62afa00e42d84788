from trialkit.demo.mid_course import (
    MidCourse as MidCourse,
    prepare_mid_course as prepare_mid_course,
)
from trialkit.demo.run import (
    DemoOutcome as DemoOutcome,
    run_demo as run_demo,
)

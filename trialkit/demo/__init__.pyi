from trialkit.demo.run import (
    DemoOutcome as DemoOutcome,
    run_demo as run_demo,
)

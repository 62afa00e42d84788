# Power of t tests, of two proportions, of ANCOVA and of the log-rank test. Base R; power.t.test and power.prop.test where they apply.
suppressPackageStartupMessages(library(jsonlite))
t_cases <- expand.grid(n = c(5, 17, 141), delta = c(3, 5, 15), sides = c(1, 2), strict = c(FALSE, TRUE))
t_cases$power <- mapply(function(n, delta, sides, strict) power.t.test(n = n, delta = delta, sd = 15, sig.level = 0.05, strict = strict,
  alternative = if (sides == 1) "one.sided" else "two.sided")$power, t_cases$n, t_cases$delta, t_cases$sides, t_cases$strict)
unequal <- expand.grid(n1 = c(10, 40), n2 = c(20, 60), r = c(0, 0.5, 0.8))          # r: correlation with baseline; df as documented
unequal$power <- mapply(function(n1, n2, r) { df <- n1 + n2 - if (r == 0) 2 else 3
  pt(qt(0.975, df), df, ncp = 6 / (12 * sqrt(1 - r^2)) / sqrt(1 / n1 + 1 / n2), lower.tail = FALSE) }, unequal$n1, unequal$n2, unequal$r)
t_sizes <- expand.grid(delta = c(15, 10, 7.5, 5, 2), power = c(0.8, 0.9))
t_sizes$n <- mapply(function(delta, power) ceiling(power.t.test(delta = delta, sd = 15, power = power, sig.level = 0.025, alternative = "one.sided")$n), t_sizes$delta, t_sizes$power)
found <- expand.grid(n = c(17, 141, 157), power = c(0.8, 0.9))
found$delta <- mapply(function(n, power) power.t.test(n = n, sd = 15, power = power, sig.level = 0.025, alternative = "one.sided", tol = .Machine$double.eps^0.9)$delta, found$n, found$power)
props <- expand.grid(n = c(30, 120), p1 = c(0.3, 0.55), p2 = c(0.2, 0.45), sides = c(1, 2))
props$power <- mapply(function(n, p1, p2, sides) power.prop.test(n = n, p1 = p1, p2 = p2, sig.level = 0.05, alternative = if (sides == 1) "one.sided" else "two.sided")$power, props$n, props$p1, props$p2, props$sides)
prop_sizes <- expand.grid(p1 = c(0.35, 0.5), p2 = c(0.2, 0.25), power = c(0.8, 0.9))
prop_sizes$n <- mapply(function(p1, p2, power) ceiling(power.prop.test(p1 = p1, p2 = p2, power = power, tol = 1e-10)$n), prop_sizes$p1, prop_sizes$p2, prop_sizes$power)
events <- expand.grid(hr = c(0.5, 0.7, 1.4), k = c(1, 2), power = c(0.8, 0.9))      # k: test to reference
events$schoenfeld <- with(events, (qnorm(0.975) + qnorm(power))^2 * (1 + k)^2 / (k * log(hr)^2))
events$freedman <- with(events, (qnorm(0.975) + qnorm(power))^2 * (1 + k * hr)^2 / (k * (1 - hr)^2))
paired <- expand.grid(n = c(6, 20, 40), delta = c(2, 5), sides = c(1, 2))              # matched pairs; SD of the differences 10
paired$power <- mapply(function(n, delta, sides) power.t.test(n = n, delta = delta, sd = 10, sig.level = 0.05, type = "paired",
  alternative = if (sides == 1) "one.sided" else "two.sided")$power, paired$n, paired$delta, paired$sides)
paired_sizes <- expand.grid(delta = c(2, 4, 8), power = c(0.8, 0.9))
paired_sizes$n <- mapply(function(delta, power) ceiling(power.t.test(delta = delta, sd = 10, power = power, sig.level = 0.025, type = "paired", alternative = "one.sided")$n), paired_sizes$delta, paired_sizes$power)
correlations <- expand.grid(n = c(5, 40, 80), r = c(0, 0.3, 0.6))    # mean over the chi-square sum of squares of one measurement
correlations$power <- mapply(function(n, r) integrate(function(s) dchisq(s, n - 1) *
  pt(qt(0.975, n - 2), n - 2, ncp = r / sqrt(1 - r^2) * sqrt(s), lower.tail = FALSE), qchisq(1e-13, n - 1), qchisq(1e-13, n - 1, lower.tail = FALSE),
  rel.tol = 1e-10, subdivisions = 1000)$value, correlations$n, correlations$r)
result <- list(t = t_cases, unequal = unequal, t_sizes = t_sizes, detectable = found, props = props, prop_sizes = prop_sizes, events = events,
  paired = paired, paired_sizes = paired_sizes, correlations = correlations)
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE), "output.json")
writeLines(R.version.string, "version.txt")

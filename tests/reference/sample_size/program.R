# Two-sample t test: subjects per arm, power, detectable difference. Base R only.
cases <- expand.grid(delta = c(15, 10, 7.5, 6, 5, 4), power = c(0.8, 0.9))
cases$n <- mapply(function(delta, power) {
  ceiling(power.t.test(delta = delta, sd = 15, power = power, sig.level = 0.025, alternative = "one.sided")$n)
}, cases$delta, cases$power)
write.csv(cases, "n_per_arm.csv", row.names = FALSE)

found <- expand.grid(n = c(141, 157, 17, 50), power = c(0.8, 0.9))
found$delta <- mapply(function(n, power) {
  power.t.test(n = n, sd = 15, power = power, sig.level = 0.025, alternative = "one.sided",
               tol = .Machine$double.eps^0.9)$delta
}, found$n, found$power)
write.csv(found, "detectable.csv", row.names = FALSE)

powers <- expand.grid(n = c(10, 17, 141), delta = c(3, 5, 15), sides = c(1, 2))
powers$power <- mapply(function(n, delta, sides) {
  power.t.test(n = n, delta = delta, sd = 15, sig.level = 0.05,
               alternative = if (sides == 1) "one.sided" else "two.sided")$power
}, powers$n, powers$delta, powers$sides)
write.csv(format(powers, digits = 15), "power.csv", row.names = FALSE, quote = FALSE)
writeLines(R.version.string, "version.txt")

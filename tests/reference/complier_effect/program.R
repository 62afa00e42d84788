library(AER); library(sandwich); library(jsonlite)
set.seed(23)
n <- 160
d <- data.frame(arm = rep(c("control", "exercise"), n / 2), base = round(rnorm(n, 40, 9), 2), site = sample(c("A", "B"), n, TRUE))
keen <- rnorm(n)
d$received <- as.integer(ifelse(d$arm == "exercise", keen > -0.8, keen > 1.6))
d$sessions <- round(ifelse(d$received == 1, pmax(0, 18 + 4 * keen + rnorm(n)), 0), 1)
d$chg <- round(-3 - 6 * d$received - 0.3 * (d$base - 40) - 2 * keen + rnorm(n, sd = 6), 2)
write.csv(d, "trial.csv", row.names = FALSE)
tell <- function(m, v = vcov(m)) list(estimate = unname(coef(m)[2]), se = unname(sqrt(v[2, 2])), df = m$df.residual,
  all = unname(coef(m)), all_se = unname(sqrt(diag(v))))
m <- ivreg(chg ~ received + base + site | arm + base + site, data = d)
s <- ivreg(chg ~ sessions + base | arm + base, data = d)
w <- ivreg(chg ~ received | arm, data = d)
first <- lm(received ~ arm + base + site, d)
itt <- lm(chg ~ arm + base + site, d)
write(toJSON(list(R = R.version.string, AER = as.character(packageVersion("AER")), received = tell(m), robust = tell(m, sandwich(m)),
  sessions = tell(s), wald = tell(w), first_f = summary(m, diagnostics = TRUE)$diagnostics["Weak instruments", "statistic"],
  first = unname(coef(first)[2]), itt = c(unname(coef(itt)[2]), summary(itt)$coefficients[2, 2])),
  digits = 15, auto_unbox = TRUE), "output.json")

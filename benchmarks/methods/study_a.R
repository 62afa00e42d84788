# The models of study_a.py in R, on the same data frame d; the value is effect and error of each.
visits <- c("week6", "month3", "month6", "month12")
parts <- lapply(split(d, d$arm), function(one)
  mice(one[, c("male", "base", visits)], m = 20, method = "norm", seed = 1, printFlag = FALSE))
fits <- lapply(seq_len(20), function(i) lm(month12 ~ arm + base + male,
  data = do.call(rbind, lapply(names(parts), function(a)
    cbind(arm = factor(a, levels(d$arm)), complete(parts[[a]], i))))))
imputed <- summary(pool(as.mira(fits)))

complete_cases <- lm(month12 ~ arm + base + male, d)
differences <- as.data.frame(pairs(emmeans::emmeans(complete_cases, "arm"), reverse = TRUE))
responders <- summary(glm(response ~ arm + base + male, binomial, d))$coefficients
hazards <- summary(coxph(Surv(days, recurred) ~ arm + base + male, d))$coefficients
curves <- summary(survfit(Surv(days, recurred) ~ arm, d, conf.type = "log-log"))
tested <- survdiff(Surv(days, recurred) ~ arm, d)
model <- glm(events ~ arm + base, poisson, d)
robust <- sqrt(diag(sandwich::vcovHC(model, "HC0")))

d$subject <- factor(seq_len(nrow(d)))
long <- reshape(d[, c("subject", "arm", "base", visits)], varying = visits, v.names = "y", timevar = "place",
  idvar = "subject", direction = "long")
long$day <- c(42, 91, 182, 365)[long$place] / 365
mixed <- summary(lmer(y ~ arm * day + base + (1 | subject), long))$coefficients

c(imputed$estimate[2], imputed$std.error[2], differences$estimate, differences$SE,
  responders["armexercise", 1:2], hazards["armexercise", c(1, 3)],
  coef(model)[["armexercise"]], robust[["armexercise"]], mixed["armexercise", 1:2])

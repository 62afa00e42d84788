# Cox models by survival::coxph on heavily tied times: Efron and Breslow, strata, delayed entry, clusters, interactions,
# repeated episodes (Andersen-Gill); cox.zph with every transform; baseline hazards.
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
RNGversion("4.0.0"); set.seed(20240604)

n <- 160
trial <- data.frame(id = 1:n, arm = sample(c("control", "exercise", "usual"), n, TRUE), sex = sample(c("female", "male"), n, TRUE),
                    site = sample(LETTERS[1:5], n, TRUE), base = round(rnorm(n, 40, 9), 1), age = round(runif(n, 60, 85)))
risk <- 0.05 * exp(-0.6 * (trial$arm == "exercise") + 0.03 * (trial$base - 40) + 0.2 * (trial$sex == "male"))
time <- ceiling(rexp(n, risk)); censoring <- ceiling(runif(n, 3, 30))
trial$time <- pmin(time, censoring); trial$event <- as.integer(time <= censoring)
trial$entry <- pmin(pmax(0, floor(runif(n, -6, 8))), trial$time - 1)

episodes <- do.call(rbind, lapply(1:60, function(i) {          # several episodes a subject, to an end of its own
  end <- ceiling(runif(1, 20, 52)); stops <- sort(unique(ceiling(runif(rpois(1, 2), 0, end)))); stops <- stops[stops < end]
  data.frame(id = i, arm = if (i %% 2) "control" else "exercise", age = trial$age[i], start = c(0, stops), stop = c(stops, end), event = c(rep(1L, length(stops)), 0L)) }))

fit <- function(model, zph = TRUE) { s <- summary(model); k <- s$coefficients; used <- if ("robust se" %in% colnames(k)) "robust se" else "se(coef)"
  out <- list(estimate = unname(k[, "coef"]), naive = unname(k[, "se(coef)"]), standard_error = unname(k[, used]), p_value = unname(k[, "Pr(>|z|)"]),
    hazard_ratio = unname(s$conf.int[, 1]), lower = unname(s$conf.int[, 3]), upper = unname(s$conf.int[, 4]), covariance = unname(vcov(model)),
    log_likelihood = model$loglik, likelihood_ratio = s$logtest[["test"]], score = s$sctest[["test"]], wald = drop(coef(model) %*% solve(vcov(model), coef(model))))
  if (zph) out$zph <- sapply(c("km", "rank", "identity", "log"), simplify = FALSE, function(g) { z <- cox.zph(model, transform = g)$table
    data.frame(term = rownames(z), statistic = z[, 1], df = z[, 2], p_value = z[, 3]) })
  out }
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
trial$flag <- as.integer(trial$site == "A" | trial$sex == "male")      # the same for everybody at site A
residuals_of <- function(model) { z <- cox.zph(model, terms = FALSE); y <- unname(z$y)
  list(time = z$time, columns = lapply(seq_len(ncol(y)), function(j) y[, j])) }
basis <- function(model) { b <- basehaz(model, centered = FALSE); names(b)[1] <- "cumulative_hazard"; b }
strat <- coxph(Surv(entry, time, event) ~ arm + base + strata(site), trial, control = tight)
result <- list(
  efron = fit(coxph(Surv(time, event) ~ arm + base + sex + age, trial, control = tight)),
  breslow = fit(coxph(Surv(time, event) ~ arm + base + sex + age, trial, ties = "breslow", control = tight)),
  interaction = fit(coxph(Surv(time, event) ~ arm * sex + base, trial, control = tight)),
  stratified = fit(coxph(Surv(time, event) ~ arm + base + strata(site, sex), trial, control = tight)),
  delayed = fit(coxph(Surv(entry, time, event) ~ arm + base, trial, control = tight)),
  delayed_stratified = fit(strat),
  robust = fit(coxph(Surv(time, event) ~ arm + base, trial, robust = TRUE, control = tight), FALSE),
  clustered = fit(coxph(Surv(time, event) ~ arm + base, trial, cluster = site, control = tight), FALSE),
  clustered_breslow = fit(coxph(Surv(entry, time, event) ~ arm + base + strata(sex), trial, cluster = site, ties = "breslow", control = tight), FALSE),
  andersen_gill = fit(coxph(Surv(start, stop, event) ~ arm + age, episodes, cluster = id, control = tight), FALSE),
  residuals_efron = residuals_of(coxph(Surv(time, event) ~ arm + base + sex + age, trial, control = tight)),
  residuals_breslow = residuals_of(coxph(Surv(time, event) ~ arm + base, trial, ties = "breslow", control = tight)),
  residuals_delayed_stratified = residuals_of(strat),
  residuals_flag = residuals_of(coxph(Surv(time, event) ~ base + flag + strata(site), trial, control = tight)),
  baseline_efron = basis(coxph(Surv(time, event) ~ arm + base, trial, control = tight)),
  baseline_breslow = basis(coxph(Surv(time, event) ~ arm + base, trial, ties = "breslow", control = tight)),
  baseline_stratified = basis(strat))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE, dataframe = "rows"), "output.json")
write.csv(trial[names(trial) != "flag"], "trial.csv", row.names = FALSE, quote = FALSE); write.csv(episodes, "episodes.csv", row.names = FALSE, quote = FALSE)

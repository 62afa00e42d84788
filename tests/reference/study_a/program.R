# Recomputes the analyses of study A's plan from the datasets that `trialkit sap run` exports, by other means.
# Rscript program.R DATASETS > output.json
library(survival); library(jsonlite); library(lme4); library(lmerTest); library(sandwich)
folder <- commandArgs(TRUE)[1]
get <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = c(subject_id = "character"), check.names = FALSE)
found <- list()
emit <- function(analysis, table, match, ...) {
  for (column in names(list(...))) found[[length(found) + 1]] <<- list(
    analysis = analysis, table = table, match = match, column = column, value = unname(list(...)[[column]]))
}
subjects <- get("subjects"); long <- get("assessments"); times <- get("times"); episodes <- get("episodes"); visits <- get("visits")
yes <- function(x) x %in% c(TRUE, "True", "TRUE")
subjects <- subjects[yes(subjects$set_full), ]
subjects$arm <- factor(subjects$planned_arm, c("control", "exercise"))
subjects$sex <- factor(subjects$sex, c("Female", "Male")); subjects$site <- factor(subjects$site)
at <- function(parameter, visit, who = subjects) {
  rows <- long[long$parameter == parameter & long$visit == visit & yes(long$analysis_flag), c("subject_id", "base", "value", "chg")]
  merge(who[, setdiff(names(who), c("base", "value", "chg"))], rows, by = "subject_id", all.x = TRUE)
}
contrast <- function(fit, term = "armexercise", v = vcov(fit), df = fit$df.residual, side = "two") {
  b <- unname(coef(fit)[term]); se <- sqrt(v[term, term]); t <- b / se
  p <- if (side == "less") pt(t, df) else 2 * pt(-abs(t), df)
  list(estimate = b, standard_error = se, statistic = t, p_value = p, ci_lower = b - qt(.975, df) * se, ci_upper = b + qt(.975, df) * se)
}
say <- function(analysis, table, match, numbers) do.call(emit, c(list(analysis, table, match), numbers))
d <- at("odi", "month_12"); full <- chg ~ arm + base + sex + site
# Complete cases, unadjusted, robust, later, per protocol
say("P2", "contrasts", list(), contrast(lm(full, d), side = "less"))
say("P3", "contrasts", list(), contrast(lm(chg ~ arm, d), side = "less"))
m <- lm(full, d); say("P6", "contrasts", list(), contrast(m, v = vcovHC(m, "HC3"), side = "less"))
true <- d; true$site <- factor(true$site_true); true$sex <- factor(true$sex_true, c("female", "male"))
say("P7", "contrasts", list(), contrast(lm(full, true), side = "less"))
say("P11", "contrasts", list(), contrast(lm(full, at("odi", "year_after_treatment")), side = "less"))
pp <- subjects[yes(subjects$set_per_protocol), ]
say("P12", "contrasts", list(), contrast(lm(full, at("odi", "month_12", pp))))
# Assumptions
r <- residuals(m); used <- d[!is.na(d$chg), ]
emit("P13", "checks", list(check = "Normal residuals (Shapiro-Wilk)"), statistic = shapiro.test(rstandard(m))$statistic, p_value = shapiro.test(rstandard(m))$p.value)
z <- abs(r - ave(r, used$arm, FUN = median)); bf <- anova(lm(z ~ used$arm))
emit("P13", "checks", list(check = "Equal variances in the arms (Brown-Forsythe)"), statistic = bf$`F value`[1], p_value = bf$`Pr(>F)`[1])
# van Elteren, sex x site: ranks within strata, weights 1 / (n + 1)
st <- Filter(function(s) length(unique(s$arm)) == 2, split(used, interaction(used$sex, used$site), drop = TRUE))
sum3 <- Reduce(`+`, lapply(st, function(s) { n <- nrow(s); r <- rank(s$chg); k <- s$arm == "exercise"; w <- 1 / (n + 1)
  c(w * sum(r[k]), w * sum(k) * (n + 1) / 2, w^2 * sum(k) * sum(!k) / (n * (n - 1)) * sum((r - mean(r))^2)) }))
emit("P8", "test", list(), p_value = 2 * pnorm(-abs((sum3[1] - sum3[2]) / sqrt(sum3[3]))))
# Responders
responded <- function(id, used) for (one in list(list("ODI lower by 10 points or more", used$chg <= -10), list("ODI lower by 30 % of baseline or more", used$chg <= -.3 * used$base))) {
  y <- !is.na(one[[2]]) & one[[2]]; k <- used$arm == "exercise"; n1 <- sum(k); n0 <- sum(!k); p1 <- mean(y[k]); p0 <- mean(y[!k])
  w <- function(p, n) { z <- qnorm(.975); m <- (p + z^2 / (2 * n)) / (1 + z^2 / n); h <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)) / (1 + z^2 / n); c(m - h, m + h) }
  a <- w(p1, n1); b <- w(p0, n0); dd <- p1 - p0
  emit(id, "contrasts", list(measure = "risk difference", definition = one[[1]]), estimate = dd,
       ci_lower = dd - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), ci_upper = dd + sqrt((a[2] - p1)^2 + (p0 - b[1])^2))
  s <- split(data.frame(y, k), interaction(used$sex, used$site), drop = TRUE)
  parts <- sapply(s, function(x) { n1 <- sum(x$k); n0 <- sum(!x$k); if (n1 * n0 == 0) return(c(0, 0)); w <- n1 * n0 / (n1 + n0); c(w * (mean(x$y[x$k]) - mean(x$y[!x$k])), w) })
  emit(id, "contrasts", list(measure = "risk difference, stratified", definition = one[[1]]), estimate = sum(parts[1, ]) / sum(parts[2, ]))
  emit(id, "contrasts", list(measure = "risk ratio", definition = one[[1]]), estimate = p1 / p0)
}
responded("S1", used); responded("S2", d)  # of all randomized: whoever was not observed did not respond
# Mixed models over all visits: unstructured, by REML (nlme), estimates and errors of the arm at each visit
shown <- c(week_6 = "End of intervention (week 6)", month_1 = "1 month post-intervention", month_3 = "3 months post-intervention",
           month_6 = "6 months post-intervention", month_12 = "12 months after randomization")
# The restricted likelihood itself (Laird and Ware 1982), from where gls stopped: its own criteria stop near 1e-5, Newton steps do not
sharpen <- function(fit, all) {
  X <- model.matrix(formula(fit), all); y <- all$chg; v <- as.integer(all$visit); own <- split(seq_along(y), all$subject_id); own <- lapply(own, function(i) i[order(v[i])])
  group <- split(own, sapply(own, function(i) paste(v[i], collapse = ""))); places <- lapply(group, function(g) v[g[[1]]]); p <- ncol(X)
  sigma_of <- function(th) { L <- matrix(0, 5, 5); L[lower.tri(L, TRUE)] <- th; diag(L) <- exp(diag(L)); L %*% t(L) }
  solve_for <- function(th) { S <- sigma_of(th); A <- matrix(0, p, p); b <- numeric(p); q <- 0; logdet <- 0
    for (k in seq_along(group)) { W <- solve(S[places[[k]], places[[k]]]); logdet <- logdet - length(group[[k]]) * as.numeric(determinant(W)$modulus)
      for (i in group[[k]]) { Xi <- X[i, , drop = FALSE]; WX <- W %*% Xi; A <- A + t(Xi) %*% WX; b <- b + t(WX) %*% y[i]; q <- q + sum(y[i] * (W %*% y[i])) } }
    beta <- solve(A, b); list(beta = setNames(as.numeric(beta), colnames(X)), value = (logdet + as.numeric(determinant(A)$modulus) + q - sum(b * beta)) / 2) }
  sd <- numeric(5); w <- coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE); sd[match(names(w), levels(all$visit))] <- fit$sigma * w
  C <- diag(5); C[lower.tri(C)] <- coef(fit$modelStruct$corStruct, unconstrained = FALSE); C <- C + t(C) - diag(5)
  L <- t(chol(diag(sd) %*% C %*% diag(sd))); diag(L) <- log(diag(L)); th <- L[lower.tri(L, TRUE)]; value <- function(t) solve_for(t)$value
  for (step in 1:2) { H <- numDeriv::hessian(value, th); th <- th - solve(H, numDeriv::grad(value, th)) }
  stopifnot(max(abs(numDeriv::grad(value, th))) < 1e-6); solve_for(th)$beta
}
# Baselines of a parameter; of who has none the mean of all subjects, from which the change is then taken (White and Thompson 2005)
from_baseline <- function(all, parameter) {
  rows <- long[long$parameter == parameter & yes(long$analysis_flag) & long$subject_id %in% subjects$subject_id, ]
  b <- tapply(rows$base, rows$subject_id, function(x) x[!is.na(x)][1]); b[is.na(b)] <- mean(b, na.rm = TRUE)
  all$base <- as.numeric(b[all$subject_id]); all$chg <- all$value - all$base; all
}
sharpened <- list()
mmrm <- function(id, parameter) {
  all <- do.call(rbind, lapply(names(shown), function(v) { x <- at(parameter, v); x$visit <- v; x }))
  all <- from_baseline(all, parameter); all$visit <- factor(all$visit, names(shown)); all <- all[!is.na(all$chg), ]
  fit <- nlme::gls(chg ~ base * visit + arm * visit + sex + site, all, correlation = nlme::corSymm(form = ~ as.integer(visit) | subject_id),
                   weights = nlme::varIdent(form = ~ 1 | visit), method = "REML", control = nlme::glsControl(maxIter = 500, msMaxIter = 500, tolerance = 1e-12, msTol = 1e-14))
  if (is.null(sharpened[[parameter]])) sharpened[[parameter]] <<- sharpen(fit, all)
  beta <- sharpened[[parameter]]; stopifnot(identical(names(beta), names(coef(fit))), max(abs(beta - coef(fit))) < 1e-2)
  for (v in names(shown)) { L <- setNames(numeric(length(beta)), names(beta)); L["armexercise"] <- 1
    if (v != "week_6") { name <- grep(paste0("^(arm.*:visit|visit)", v, "(:armexercise)?$"), names(L), value = TRUE); name <- name[grepl("arm", name)]; L[name] <- 1 }
    emit(id, "contrasts", list(visit = shown[[v]]), estimate = sum(L * beta)) }
}
mmrm("O1", "odi"); mmrm("P10", "odi"); mmrm("V1", "vas"); mmrm("J1", "joa")
# Random slopes of pain
pain <- do.call(rbind, lapply(names(shown), function(v) { x <- at("vas", v); x$months <- c(week_6 = 42, month_1 = 72, month_3 = 133, month_6 = 224, month_12 = 365)[[v]] / (365.25 / 12); x }))
pain <- from_baseline(pain, "vas")
slope <- lmer(chg ~ base + arm * months + sex + site + (1 + months | subject_id), pain, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5)))
emit("V2", "coefficients", list(term = "arm[T.exercise]:months"), estimate = unname(fixef(slope)["armexercise:months"]))
# Satisfaction: proportional odds
s <- at("satisfaction", "month_12"); s <- s[!is.na(s$value), ]
po <- MASS::polr(factor(value, ordered = TRUE) ~ arm + sex + site, s, Hess = TRUE, control = list(reltol = 1e-15, maxit = 1000))
emit("N1", "odds_ratios", list(term = "arm[T.exercise]"), estimate = exp(unname(coef(po)["armexercise"])))
# Recurrence
tt <- merge(subjects[, setdiff(names(subjects), c("time_days", "event"))], times[times$parameter == "recurrence", c("subject_id", "time_days", "event", "cause")], by = "subject_id")
cut <- tt; late <- cut$time_days > 365; cut$event[late] <- 0; cut$time_days[late] <- 365
for (arm in c("exercise", "control")) { f <- summary(survfit(Surv(time_days, event) ~ 1, cut[cut$arm == arm, ], conf.type = "log-log"), times = c(90, 180, 270))
  for (i in 1:3) emit("R1", "at", list(arm = arm, time_days = c(90, 180, 270)[i]), survival = f$surv[i], ci_lower = f$lower[i], ci_upper = f$upper[i]) }
lr <- survdiff(Surv(time_days, event) ~ arm + strata(sex, site), cut); emit("R1", "log_rank", list(), statistic = lr$chisq, p_value = pchisq(lr$chisq, 1, lower.tail = FALSE))
hr <- function(id, fit, term, name) { s <- summary(fit)$coefficients; se <- s[term, grep("^robust se$|^se\\(coef\\)$", colnames(s))[length(grep("^robust se$|^se\\(coef\\)$", colnames(s)))]]
  b <- s[term, "coef"]; emit(id, "hazard_ratios", list(term = name), estimate = exp(b), log_standard_error = se, ci_lower = exp(b - qnorm(.975) * se), ci_upper = exp(b + qnorm(.975) * se), p_value = 2 * pnorm(-abs(b / se))) }
tight <- coxph.control(eps = 1e-12, iter.max = 100)
strat <- coxph(Surv(time_days, event) ~ arm + strata(sex, site), cut, control = tight); hr("R1", strat, "armexercise", "arm[T.exercise]")
emit("R1", "proportional_hazards", list(term = "arm"), statistic = cox.zph(strat)$table["arm", "chisq"])
hr("R6", strat, "armexercise", "arm[T.exercise]")
hr("R3", coxph(Surv(time_days, event) ~ arm, cut, control = tight), "armexercise", "arm[T.exercise]")
image <- coxph(Surv(time_days, event) ~ arm + multifidus_fat + strata(sex, site), cut, control = tight)
hr("I2", image, "armexercise", "arm[T.exercise]"); per10 <- coxph(Surv(time_days, event) ~ arm + I(multifidus_fat / 10) + strata(sex, site), cut, control = tight); hr("I2", per10, "I(multifidus_fat/10)", "per(multifidus_fat, 10 percent)")
rm <- sapply(c("exercise", "control"), function(a) unname(summary(survfit(Surv(time_days, event) ~ 1, cut[cut$arm == a, ]), rmean = min(365, tapply(cut$time_days, cut$arm, max)))$table[c("rmean", "se(rmean)")]))
emit("R1", "restricted_mean", list(), estimate = rm[1, 1] - rm[1, 2])
alive <- cut[cut$time_days > 0, ]
for (k in c("weibull", "lognormal")) { f <- survreg(Surv(time_days, event) ~ arm + sex + site, alive, dist = k, control = survreg.control(rel.tolerance = 1e-14, maxiter = 300))
  name <- c(weibull = "Weibull", lognormal = "Log-normal")[[k]]; se <- sqrt(diag(vcov(f)))["armexercise"]
  emit("R7", "time_ratios", list(term = "arm[T.exercise]", model = name), estimate = exp(unname(coef(f)["armexercise"])), log_standard_error = unname(se))
  emit("R7", "fit", list(model = name), log_likelihood = f$loglik[2], scale = f$scale, concordance = unname(concordance(f)$concordance), aic = AIC(f)) }
# All episodes: Andersen-Gill with errors by subject
ep <- merge(subjects, episodes[episodes$parameter == "recurrence", c("subject_id", "start_days", "stop_days", "event")], by = "subject_id")
ep <- ep[ep$start_days < 365, ]; over <- ep$stop_days > 365; ep$event[over] <- 0; ep$stop_days[over] <- 365
hr("R5", coxph(Surv(start_days, stop_days, event) ~ arm + strata(sex, site), ep, cluster = subject_id, control = tight), "armexercise", "arm[T.exercise]")
# Two-stage least squares
iv <- d[!is.na(d$chg), ]; iv$complied <- as.numeric(iv$arm == "exercise" & !is.na(iv$compliance) & iv$compliance >= 75)
of_set <- transform(d, complied = as.numeric(arm == "exercise" & !is.na(compliance) & compliance >= 75))
for (one in list(list("Complied, of those whom the estimate uses", iv), list("Complied, of the whole analysis set", of_set))) for (a in c("exercise", "control")) { x <- one[[2]]$complied[one[[2]]$arm == a]
  emit("C1", "compliance", list(measure = one[[1]], arm = a), count = sum(x), n = length(x), percent = 100 * mean(x)) }
first <- fitted(lm(complied ~ arm + base + sex + site, iv)); emit("C1", "effect", list(), estimate = unname(coef(lm(chg ~ first + base + sex + site, iv))["first"]))
# Sites and images
inter <- lm(chg ~ arm * site + base + sex, d); for (s in levels(d$site)) { e <- coef(inter)["armexercise"] + if (s == levels(d$site)[1]) 0 else coef(inter)[paste0("armexercise:site", s)]
  emit("G2", "by_site", list(site = s), estimate = unname(e)) }
random <- lmer(chg ~ arm + base + sex + (1 | site), d, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
emit("G2", "random_site", list(), estimate = unname(fixef(random)["armexercise"]))
for (muscle in c("multifidus", "erector_spinae", "psoas")) for (level in c("l1", "l2", "l3", "l4", "l5")) {
  d$x <- d[[sprintf("mri_%s_%s_fat_percent", level, muscle)]] / 10; cut$x <- cut[[sprintf("mri_%s_%s_fat_percent", level, muscle)]] / 10
  place <- paste0(c(multifidus = "Multifidus", erector_spinae = "Erector spinae", psoas = "Psoas")[[muscle]], ", ", toupper(level))
  say("I3", "outcome", list(place = place), contrast(lm(chg ~ arm + base + sex + site + x, d), "x")[c("estimate", "standard_error", "p_value")])
  say("I3", "effect", list(place = place), contrast(lm(chg ~ arm * x + base + sex + site, d), "armexercise:x")[c("estimate", "standard_error", "p_value")])
  f <- coxph(Surv(time_days, event) ~ arm + x + strata(sex, site), cut, control = tight); emit("I3", "event", list(place = place), estimate = unname(exp(coef(f)["x"])), log_standard_error = sqrt(vcov(f)["x", "x"]))
}
fat <- lm(chg ~ arm * multifidus_fat + base + sex + site, d); emit("I1", "interaction", list(), estimate = unname(coef(fat)["armexercise:multifidus_fat"]), p_value = summary(fat)$coefficients["armexercise:multifidus_fat", 4])
# Measurements, exposure, safety
wide <- function(item, visit) setNames(visits[[item]][visits$visit == visit], visits$subject_id[visits$visit == visit])[subjects$subject_id]
measure <- function(id, item, label) for (v in c("week_6", "month_12")) { x <- data.frame(arm = subjects$arm, base = wide(item, "baseline")); x$chg <- wide(item, v) - x$base
  say(id, "effects", list(measure = label, visit = shown[[v]]), contrast(lm(chg ~ arm + base, x))[c("estimate", "standard_error", "ci_lower", "ci_upper")]) }
measure("F1", "sorensen_s", "Biering-Sorensen endurance test: position held, s")
safe <- subjects[yes(subjects$set_safety), ]
done <- setNames(visits$compl_sessions_done[visits$visit == "week_6"], visits$subject_id[visits$visit == "week_6"])[safe$subject_id][safe$actual_arm == "exercise"]
emit("D10", "exposure", list(measure = "Exercise sessions done (of 30)", arm = "exercise"), mean = mean(done, na.rm = TRUE), sd = sd(done, na.rm = TRUE), n = sum(!is.na(done)))
nsaid <- get("form_nsaid"); for (a in c("exercise", "control")) for (k in c("Celecoxib", "Acetaminophen")) {
  who <- safe$subject_id[safe$actual_arm == a]; x <- nsaid$nsaid_daily_dose_mg[nsaid$subject_id %in% who & nsaid$nsaid_drug == k]
  emit("D10", "exposure", list(measure = paste0("Daily dose, mg: ", k), arm = a), mean = mean(x), n = length(x)) }
ae <- get("adverse_events"); for (a in c("exercise", "control")) { who <- safe$subject_id[safe$actual_arm == a]; h <- ae[ae$subject_id %in% who, ]
  emit("A1", "overview", list(measure = "Any", arm = a), n_subjects = length(unique(h$subject_id)), n_events = nrow(h), percent = 100 * length(unique(h$subject_id)) / length(who)) }
hb <- wide("hb_g_l", "baseline"); low <- ifelse(subjects$sex == "Male", 130, 115); for (a in c("exercise", "control")) emit("A9", "levels", list(measure = "Haemoglobin, g/L", level = "low", arm = a), count = sum(hb[subjects$arm == a] < low[subjects$arm == a], na.rm = TRUE))
# Description
for (a in c("exercise", "control")) for (v in c("week_6", "month_12")) { x <- at("odi", v); x <- x$value[x$arm == a]; emit("D3", "profile", list(arm = a, visit = v), mean = mean(x, na.rm = TRUE), sd = sd(x, na.rm = TRUE), n = sum(!is.na(x))) }
x <- at("joa", "month_12"); x$rate <- 100 * x$chg / (29 - x$base); for (a in c("exercise", "control")) { y <- x$rate[x$arm == a & is.finite(x$rate)]; emit("J2", "rates", list(arm = a), mean = mean(y), n = length(y)) }
for (v in c("odi", "age_years", "sorensen_s")) for (a in c("exercise", "control")) { x <- subjects[[v]][subjects$arm == a]; emit("D2", "baseline", list(variable = v, arm = a), mean = mean(x, na.rm = TRUE), sd = sd(x, na.rm = TRUE), median = median(x, na.rm = TRUE)) }
for (v in names(shown)) for (a in c("exercise", "control")) emit("D4", "attendance", list(visit = shown[[v]], arm = a), attended = sum(subjects$subject_id[subjects$arm == a] %in% visits$subject_id[visits$visit == v & visits$status == "done"]))
for (one in list(c("D6", "rescue"), c("D7", "interventions"), c("D8", "deviations"), c("D9", "stopped_treatment"))) for (a in c("exercise", "control")) { h <- get(one[2]); h <- h[h$subject_id %in% subjects$subject_id[subjects$arm == a], ]; emit(one[1], "records", list(category = "Any", arm = a), n_subjects = length(unique(h$subject_id)), n_events = nrow(h)) }
for (one in list(c("A4", "serious_events"), c("A5", "related_events"), c("A6", "stopped_for_events"), c("A7", "withdrawn_for_events"), c("A8", "deaths"))) for (a in c("exercise", "control")) { h <- get(one[2]); h <- h[h$subject_id %in% safe$subject_id[safe$actual_arm == a], ]; emit(one[1], "overview", list(measure = "Any", arm = a), n_subjects = length(unique(h$subject_id)), n_events = nrow(h)) }
# Aalen-Johansen; discrete time; subgroups
why <- ifelse(cut$event == 1, "again", ifelse(cut$cause %in% c("Death", "Spinal surgery") & tt$time_days <= 365, "other", "none")); cut$why <- factor(why, c("none", "again", "other"))
for (a in c("exercise", "control")) { f <- summary(survfit(Surv(time_days, why) ~ 1, cut[cut$arm == a, ]), times = c(180, 270)); for (i in 1:2) emit("R2", "incidence", list(arm = a, cause = "Recurrence of low-back pain", time_days = c(180, 270)[i]), estimate = f$pstate[i, which(f$states == "again")]) }
iv4 <- tt; late <- iv4$time_days > 425; iv4$event[late] <- 0; iv4$time_days[late] <- 425
days <- c(42, 72, 133, 224, 365); reach <- c(28, 58, 103, 179, 305)
iv4$last <- ifelse(iv4$event == 1, pmin(sapply(iv4$time_days, function(t) sum(days < t)) + 1, 5), sapply(iv4$time_days, function(t) sum(reach <= t)))
iv4 <- iv4[iv4$last >= 1, ]; long4 <- iv4[rep(seq_len(nrow(iv4)), iv4$last), ]; long4$k <- sequence(iv4$last); long4$hit <- as.numeric(long4$event == 1 & long4$k == long4$last)
g <- glm(hit ~ factor(k) + arm + sex + site, binomial("cloglog"), long4, control = glm.control(epsilon = 1e-14, maxit = 100))
emit("R4", "hazard_ratios", list(term = "arm[T.exercise]"), estimate = exp(unname(coef(g)["armexercise"])))
d$old <- factor(d$age_years >= 70); for (one in list(c("Sex", "sex"), c("Site", "site"), c("Age at consent", "old"))) { a0 <- lm(update(full, paste("~ . +", one[2])), d); a1 <- lm(update(full, paste("~ . +", one[2], "+ arm:", one[2])), d); w <- anova(a0, a1); emit("G1", "interactions", list(variable = one[1]), statistic = w$F[2], p_value = w$`Pr(>F)`[2]) }
# Imputed values as the run drew them: the analysis of each completed data set, pooled by Rubin (1987) and Barnard and Rubin (1999)
imputed <- get("imputed")
pool <- function(fits, term = "armexercise", side = "less") {
  q <- sapply(fits, function(f) unname(coef(f)[term])); u <- sapply(fits, function(f) vcov(f)[term, term]); m <- length(q)
  b <- var(q); w <- mean(u); total <- w + (1 + 1 / m) * b; lambda <- (1 + 1 / m) * b / total; complete <- fits[[1]]$df.residual
  old <- (m - 1) / lambda^2; seen <- (complete + 1) / (complete + 3) * complete * (1 - lambda); df <- old * seen / (old + seen)
  e <- mean(q); se <- sqrt(total); t <- e / se
  list(estimate = e, standard_error = se, df = df, statistic = t, p_value = if (side == "less") pt(t, df) else 2 * pt(-abs(t), df), ci_lower = e - qt(.975, df) * se, ci_upper = e + qt(.975, df) * se)
}
start <- long[long$parameter == "odi" & long$visit == "baseline" & yes(long$analysis_flag), ]; begun <- d; begun$base <- start$value[match(d$subject_id, start$subject_id)]
completed <- function(id, delta = c(exercise = 0, control = 0)) {
  mine <- imputed[imputed$analysis == id & imputed$visit == "month_12", ]
  lapply(split(mine, mine$imputation), function(one) {
    x <- begun; own <- one$imputed[match(x$subject_id, one$subject_id)]; late <- yes(one$shifted[match(x$subject_id, one$subject_id)])
    own <- own + ifelse(late, delta[as.character(x$arm)], 0); x$value <- ifelse(is.na(x$value), own, x$value); x$chg <- x$value - x$base
    lm(full, x) })
}
for (id in c("P1", "P4", "P5")) say(id, "contrasts", list(), pool(completed(id)))
for (delta in c(0, 4, 8, 12, 16, 20, 30, 40)) say("P9", "deltas", list(delta = delta), pool(completed("P9", c(exercise = delta, control = 0)))[c("estimate", "standard_error", "df", "p_value", "ci_lower", "ci_upper")])
for (delta in c(0, 12, 40)) for (other in c(0, 10, 30)) say("P9", "grid", list(delta = delta, reference_delta = other), pool(completed("P9", c(exercise = delta, control = other)))[c("estimate", "standard_error", "df", "p_value", "ci_lower", "ci_upper")])
# Responders of every completed data set: differences with their Wald variance (over strata Mantel and Haenszel's, Sato 1989), log ratios
# (Katz), pooled by Rubin with infinite complete-data degrees of freedom
rubin <- function(q, u) { m <- length(q); b <- var(q); total <- mean(u) + (1 + 1 / m) * b; df <- (m - 1) * (1 + mean(u) / ((1 + 1 / m) * b))^2
  se <- sqrt(total); t <- mean(q) / se; half <- qt(.975, df) * se
  list(estimate = mean(q), standard_error = se, df = df, statistic = t, p_value = 2 * pt(-abs(t), df), ci_lower = mean(q) - half, ci_upper = mean(q) + half) }
sato <- function(y, k, s) { top <- 0; w <- 0; P <- 0; Q <- 0
  for (one in unique(s)) { a <- y[k & s == one]; b <- y[!k & s == one]; n1 <- length(a); n0 <- length(b); n <- n1 + n0; if (n1 * n0 == 0) next
    x1 <- sum(a); x0 <- sum(b); top <- top + (x1 * n0 - x0 * n1) / n; w <- w + n1 * n0 / n
    P <- P + (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / n^2; Q <- Q + (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n) }
  c(top / w, (top / w * P + Q) / w^2) }
mine <- imputed[imputed$analysis == "S3" & imputed$visit == "month_12", ]; stopifnot(!anyNA(begun$base))
for (one in list(list("ODI lower by 10 points or more", function(chg, base) chg <= -10), list("ODI lower by 30 % of baseline or more", function(chg, base) chg <= -.3 * base))) {
  k <- begun$arm == "exercise"; n1 <- sum(k); n0 <- sum(!k); s <- interaction(begun$sex, begun$site)
  sets <- lapply(split(mine, mine$imputation), function(i) { v <- ifelse(is.na(begun$value), i$imputed[match(begun$subject_id, i$subject_id)], begun$value); one[[2]](v - begun$base, begun$base) })
  p1 <- sapply(sets, function(y) mean(y[k])); p0 <- sapply(sets, function(y) mean(y[!k])); mh <- sapply(sets, sato, k = k, s = s)
  say("S3", "contrasts", list(measure = "risk difference", definition = one[[1]]), rubin(p1 - p0, p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0))
  say("S3", "contrasts", list(measure = "risk difference, stratified", definition = one[[1]]), rubin(mh[1, ], mh[2, ]))
  ratio <- rubin(log(p1 / p0), (1 - p1) / (n1 * p1) + (1 - p0) / (n0 * p0))
  say("S3", "contrasts", list(measure = "risk ratio", definition = one[[1]]), list(estimate = exp(ratio$estimate), log_standard_error = ratio$standard_error, p_value = ratio$p_value, ci_lower = exp(ratio$ci_lower), ci_upper = exp(ratio$ci_upper)))
  for (a in c("exercise", "control")) { p <- if (a == "exercise") p1 else p0
    emit("S3", "proportions", list(definition = one[[1]], arm = a), responders = mean(p) * (if (a == "exercise") n1 else n0), proportion = mean(p)) }
}
# Flow, retention, missing data
screened <- get("subjects"); in_set <- subjects$subject_id; stopped <- get("stopped_treatment"); left <- get("form_withdrawal")
emit("D1", "flow", list(stage = "assessed", reason = ""), n = nrow(screened)); emit("D1", "flow", list(stage = "randomized", reason = ""), n = sum(yes(screened$randomized)))
emit("D1", "flow", list(stage = "excluded", reason = ""), n = sum(!yes(screened$randomized)))
why <- table(screened$status_reason[!yes(screened$randomized)]); for (w in names(why)) emit("D1", "flow", list(stage = "excluded", reason = w), n = why[[w]])
recorded <- function(form, items) { x <- get(form); x$subject_id[rowSums(!is.na(x[items]) & x[items] != "") > 0] }
delivered <- in_set %in% c(
  recorded("form_compliance", c("compl_sessions_done", "compl_minutes_per_session", "compl_diary_days", "compl_calls_attended")),
  recorded("form_nsaid", c("nsaid_daily_dose_mg", "nsaid_start_date", "nsaid_dispensed")))
outcome <- d$value[match(in_set, d$subject_id)]; withdrawn <- subjects$status == "withdrawn"
for (a in c("exercise", "control")) { k <- subjects$arm == a
  emit("D1", "flow", list(stage = "allocated", arm = a, reason = ""), n = sum(k)); mine <- k & subjects$actual_arm == a
  emit("D1", "flow", list(stage = "received", arm = a, reason = ""), n = sum(mine & delivered)); emit("D1", "flow", list(stage = "no_record", arm = a, reason = ""), n = sum(mine & !delivered))
  emit("D1", "flow", list(stage = "discontinued", arm = a, reason = ""), n = sum(k & in_set %in% stopped$subject_id)); emit("D1", "flow", list(stage = "lost", arm = a, reason = ""), n = sum(k & withdrawn))
  first <- stopped[!duplicated(stopped$subject_id), ]; r <- table(first$category[first$subject_id %in% in_set[k]]); for (w in names(r)) emit("D1", "flow", list(stage = "discontinued", arm = a, reason = w), n = r[[w]])
  # everybody of the set is analysed: the primary analysis imputes
  emit("D1", "flow", list(stage = "analysed", arm = a, reason = ""), n = sum(k)); emit("D1", "flow", list(stage = "not_analysed", arm = a, reason = ""), n = 0)
  emit("D1", "flow", list(stage = "analysed", arm = a, reason = "outcome observed"), n = sum(k & !is.na(outcome)))
  emit("D1", "flow", list(stage = "analysed", arm = a, reason = "outcome imputed: left the study"), n = sum(k & is.na(outcome) & withdrawn))
  emit("D11", "left", list(reason = "Any reason", arm = a), count = sum(k & withdrawn), percent = 100 * sum(k & withdrawn) / sum(k)) }
emit("D11", "enrolment", list(measure = "Assessed for eligibility"), count = nrow(screened)); emit("D11", "enrolment", list(measure = "Randomized"), count = sum(yes(screened$randomized)))
for (a in c("exercise", "control")) { k <- subjects$arm == a; seen <- sapply(c("baseline", names(shown)), function(v) { x <- at("odi", v); !is.na(x$value[match(in_set, x$subject_id)]) })
  for (v in names(shown)) emit("D5", "by_visit", list(visit = shown[[v]], arm = a), count = sum(k & !seen[, v]), percent = 100 * mean(!seen[k, v]))
  shape <- apply(ifelse(seen, "\u25cf", "\u25cb"), 1, paste, collapse = " "); p <- table(shape[k]); for (w in names(p)) emit("D5", "patterns", list(pattern = w, arm = a), count = p[[w]]) }
# Sample size
u14 <- d[!is.na(d$chg), ]; df2 <- nrow(u14) - 2; center <- function(x) x - ave(x, u14$arm)
sd14 <- sqrt(sum(center(u14$chg)^2) / df2); n14 <- table(u14$arm)
size <- function(measure, ...) emit("P14", "assumptions", list(measure = measure), ...)
size("Standard deviation of the outcome within arms", observed = sd14); size("Standard deviation after the covariates", observed = summary(m)$sigma)
size("Correlation of baseline and follow-up within arms", observed = cor(center(u14$base), center(u14$base + u14$chg))); size("Difference of the arms (observed: adjusted, size)", observed = abs(unname(coef(m)["armexercise"])))
size("Subjects without the outcome, %", observed = 100 * (1 - nrow(u14) / nrow(d)))
size("Subjects with outcome an arm needed for the planned difference at 80 % power", planned = ceiling(power.t.test(delta = 15, sd = 15, power = .8, sig.level = .05, tol = 1e-12)$n))
size("Difference shown with 80 % power", planned = uniroot(function(x) power.t.test(n = 141, delta = x, sd = 15, sig.level = .05)$power - .8, c(1, 20), tol = 1e-13)$root)
size("Power for the planned difference, %", planned = 100 * power.t.test(n = 141, delta = 15, sd = 15, sig.level = .05, strict = TRUE)$power)
# Satisfied at 12 months; electromyography
sat <- at("satisfaction", "month_12"); sat <- sat[!is.na(sat$value), ]; k <- sat$arm == "exercise"; y <- sat$value <= 2
emit("N2", "contrasts", list(measure = "risk difference"), estimate = mean(y[k]) - mean(y[!k]))
parts <- sapply(split(data.frame(y, k), interaction(sat$sex, sat$site), drop = TRUE), function(x) { n1 <- sum(x$k); n0 <- sum(!x$k); if (n1 * n0 == 0) return(c(0, 0)); w <- n1 * n0 / (n1 + n0); c(w * (mean(x$y[x$k]) - mean(x$y[!x$k])), w) })
emit("N2", "contrasts", list(measure = "risk difference, stratified"), estimate = sum(parts[1, ]) / sum(parts[2, ]))
measure("F2", "emg_multifidus_left_rms_uv", "Multifidus, left: root mean square amplitude, µV"); measure("F2", "emg_multifidus_right_rms_uv", "Multifidus, right: root mean square amplitude, µV")
# Events by grade: every event at its own, a subject once at the worst
events <- get("form_adverse_events"); events$arm <- safe$actual_arm[match(events$subject_id, safe$subject_id)]; events <- events[!is.na(events$arm), ]
graded <- function(id, item, grades) { rank <- match(events[[item]], grades)
  worst <- tapply(rank, events$subject_id, max); whose <- safe$actual_arm[match(names(worst), safe$subject_id)]
  for (g in seq_along(grades)) for (a in c("exercise", "control")) emit(id, "grades", list(category = "Any", grade = grades[g], arm = a), n_subjects = sum(worst == g & whose == a), n_events = sum(rank == g & events$arm == a)) }
graded("A2", "ae_severity", c("Mild", "Moderate", "Severe")); graded("A3", "ae_related", c("Not related", "Possibly", "Probably", "Definitely"))
# Blinding: Bang by arm, James with the jackknife
guess <- get("form_arm_guess"); guess$arm <- as.character(subjects$arm[match(guess$subject_id, in_set)]); guess <- guess[!is.na(guess$arm) & guess$guess_arm != "", ]
names_of <- c(exercise = "Exercise + NSAID", control = "NSAID alone"); right <- guess$guess_arm == names_of[guess$arm]; unsure <- guess$guess_arm == "Cannot say"; wrong <- !right & !unsure
for (a in c("exercise", "control")) { k <- guess$arm == a; r <- mean(right[k]); w <- mean(wrong[k]); emit("B1", "indices", list(index = paste0("Bang, ", names_of[[a]])), estimate = r - w, standard_error = sqrt((r + w - (r - w)^2) / sum(k))) }
james <- function(k) { p <- mean(unsure[k]); t <- guess$arm[k] == "exercise"; r <- right[k]; w <- wrong[k]; n <- sum(r | w)
  disagree <- sum(w) / n; says <- (t & r) | (!t & w); expected <- (sum(t & (r | w)) * sum(!says & (r | w)) + sum(!t & (r | w)) * sum(says & (r | w))) / n^2
  (1 + p + (1 - p) * (disagree - expected) / expected) / 2 }
all_of <- seq_len(nrow(guess)); each <- sapply(all_of, function(i) james(all_of[-i])); emit("B1", "indices", list(index = "James, both arms"), estimate = james(all_of), standard_error = sqrt((nrow(guess) - 1) / nrow(guess) * sum((each - mean(each))^2)))
# Multiplicity: Holm over what the four entries found
results <- read.csv(commandArgs(TRUE)[2], colClasses = "character"); p_of <- function(id, table, more = TRUE) as.numeric(results$value[results$analysis == id & results$table == table & results$statistic == "p_value" & more])
before <- p_of("M1", "adjusted"); family <- c("V1", "J1", "R1", "N1"); adjusted <- p.adjust(before, "holm")
for (i in seq_along(family)) emit("M1", "adjusted", list(entry = family[i]), adjusted_p_value = adjusted[i])
log_rank_p <- pchisq(lr$chisq, 1, lower.tail = FALSE); emit("M1", "adjusted", list(entry = "R1"), p_value = log_rank_p)
# Listings: how many rows, and every cell
places <- c(baseline = "Baseline", shown); words <- function(x) if (is.numeric(x)) ifelse(is.na(x), "", sprintf("%g", x)) else { x <- as.character(x); ifelse(is.na(x), "", x) }
listed <- function(id, form, items, who = subjects) { x <- get(paste0("form_", form)); x <- x[x$subject_id %in% who$subject_id, ]; row <- ifelse(is.na(x$row), "", as.character(x$row))
  x <- x[order(x$subject_id, x$visit, row, method = "radix"), ]; arm <- as.character((if (identical(who, safe)) who$actual_arm else who$planned_arm)[match(x$subject_id, who$subject_id)])
  cells <- do.call(paste, c(list(x$subject_id, arm, unname(places[x$visit])), lapply(items, function(i) words(if (is.null(x[[i]])) rep("", nrow(x)) else x[[i]])), sep = "|"))
  emit(id, "listing", list(), rows = length(cells), md5 = digest::digest(paste(cells, collapse = "\n"), "md5", serialize = FALSE)) }
listed("L1", "withdrawal", c("withdrawal_date", "withdrawal_reason", "withdrawal_reason_other", "withdrawal_last_contact_date"))
listed("L2", "treatment_stop", c("ts_treatment", "ts_date", "ts_reason"))
listed("L3", "deviations", c("dev_date", "dev_kind", "dev_important", "dev_description"))
listed("L5", "demographics", c("age_years", "sex", "height_cm", "weight_kg", "bmi", "education", "smoking"))
listed("L6", "compliance", c("compl_sessions_done", "compl_minutes_per_session", "compl_diary_days", "compl_calls_attended"), safe)
listed("L7", "nsaid", c("nsaid_drug", "nsaid_daily_dose_mg", "nsaid_start_date", "nsaid_stop_date", "nsaid_dispensed", "nsaid_returned"), safe)
listed("L10", "recurrence", c("rec_onset_date", "rec_lbp_hours", "rec_vas_mm", "rec_pain_free_days", "rec_ongoing"))
listed("L11", "adverse_events", c("ae_term", "ae_start_date", "ae_severity", "ae_serious", "ae_related", "ae_outcome"), safe)
listed("L12", "death", c("death_date", "death_cause"), safe)
listed("L13", "bloods", c("hb_g_l", "wbc_1e9_l", "platelets_1e9_l", "creatinine_umol_l", "urea_mmol_l", "alt_u_l", "ast_u_l", "bilirubin_umol_l", "albumin_g_l"), safe)
listed("L14", "conmed", c("cm_drug", "cm_class", "cm_indication", "cm_rescue", "cm_daily_dose_mg", "cm_start_date", "cm_end_date"))
values_of <- function(id, parameters) { x <- subjects[order(subjects$subject_id, method = "radix"), ]; cells <- list(x$subject_id, as.character(x$arm))
  for (p in parameters) for (v in names(places)) { y <- at(p, v); y <- y$value[match(x$subject_id, y$subject_id)]; if (any(!is.na(y))) cells <- c(cells, list(ifelse(is.na(y), "", sprintf("%.1f", y)))) }
  rows <- do.call(paste, c(cells, sep = "|")); emit(id, "listing", list(), rows = length(rows), md5 = digest::digest(paste(rows, collapse = "\n"), "md5", serialize = FALSE)) }
values_of("L8", c("odi", "vas")); values_of("L9", c("joa", "satisfaction"))
# Analysis sets
for (one in list(c("full", "Full analysis set"), c("safety", "Safety set"), c("per_protocol", "Per-protocol set"))) for (a in c("exercise", "control"))
  emit("L4", "sets", list(set = one[2], line = "In the set", arm = a), count = sum(yes(subjects[[paste0("set_", one[1])]]) & subjects$arm == a))
low <- subjects$actual_arm == "exercise" & !(subjects$compliance %in% NA) & subjects$compliance < 75 | subjects$actual_arm == "exercise" & is.na(subjects$compliance)
grave <- subjects$subject_id %in% get("deviations")$subject_id[yes(get("deviations")$Important)]; emit("L4", "listing", list(), rows = sum(low | grave | subjects$planned_arm != subjects$actual_arm))
write(toJSON(list(R = R.version.string, survival = as.character(packageVersion("survival")), found = found), digits = 15, auto_unbox = TRUE), stdout())

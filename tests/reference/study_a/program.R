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
for (one in list(list("ODI lower by 10 points or more", used$chg <= -10), list("ODI lower by 30 % of baseline or more", used$chg <= -.3 * used$base))) {
  y <- one[[2]]; k <- used$arm == "exercise"; n1 <- sum(k); n0 <- sum(!k); p1 <- mean(y[k]); p0 <- mean(y[!k])
  w <- function(p, n) { z <- qnorm(.975); m <- (p + z^2 / (2 * n)) / (1 + z^2 / n); h <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)) / (1 + z^2 / n); c(m - h, m + h) }
  a <- w(p1, n1); b <- w(p0, n0); dd <- p1 - p0
  emit("S1", "contrasts", list(measure = "risk difference", definition = one[[1]]), estimate = dd,
       ci_lower = dd - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), ci_upper = dd + sqrt((a[2] - p1)^2 + (p0 - b[1])^2))
  s <- split(data.frame(y, k), interaction(used$sex, used$site), drop = TRUE)
  parts <- sapply(s, function(x) { n1 <- sum(x$k); n0 <- sum(!x$k); if (n1 * n0 == 0) return(c(0, 0)); w <- n1 * n0 / (n1 + n0); c(w * (mean(x$y[x$k]) - mean(x$y[!x$k])), w) })
  emit("S1", "contrasts", list(measure = "risk difference, stratified", definition = one[[1]]), estimate = sum(parts[1, ]) / sum(parts[2, ]))
  emit("S1", "contrasts", list(measure = "risk ratio", definition = one[[1]]), estimate = p1 / p0)
}
# Mixed models over all visits: unstructured, by REML (nlme), estimates and errors of the arm at each visit
shown <- c(week_6 = "End of intervention (week 6)", month_1 = "1 month post-intervention", month_3 = "3 months post-intervention",
           month_6 = "6 months post-intervention", month_12 = "12 months after randomization")
mmrm <- function(id, parameter) {
  all <- do.call(rbind, lapply(names(shown), function(v) { x <- at(parameter, v); x$visit <- v; x }))
  base <- long[long$parameter == parameter & yes(long$analysis_flag) & !duplicated(paste(long$subject_id, long$parameter)), ]
  b <- tapply(long$base[long$parameter == parameter], long$subject_id[long$parameter == parameter], function(x) x[!is.na(x)][1])
  all$base <- b[all$subject_id]; all$visit <- factor(all$visit, names(shown)); all <- all[!is.na(all$chg) & !is.na(all$base), ]
  fit <- nlme::gls(chg ~ base * visit + arm * visit + sex + site, all, correlation = nlme::corSymm(form = ~ as.integer(visit) | subject_id),
                   weights = nlme::varIdent(form = ~ 1 | visit), method = "REML", control = nlme::glsControl(maxIter = 500, msMaxIter = 500, tolerance = 1e-12, msTol = 1e-14))
  for (v in names(shown)) { L <- setNames(numeric(length(coef(fit))), names(coef(fit))); L["armexercise"] <- 1
    if (v != "week_6") { name <- grep(paste0("^(arm.*:visit|visit)", v, "(:armexercise)?$"), names(L), value = TRUE); name <- name[grepl("arm", name)]; L[name] <- 1 }
    emit(id, "contrasts", list(visit = shown[[v]]), estimate = sum(L * coef(fit))) }
}
mmrm("O1", "odi"); mmrm("P10", "odi"); mmrm("V1", "vas"); mmrm("J1", "joa")
# Random slopes of pain
pain <- do.call(rbind, lapply(names(shown), function(v) { x <- at("vas", v); x$months <- c(week_6 = 42, month_1 = 72, month_3 = 133, month_6 = 224, month_12 = 365)[[v]] / (365.25 / 12); x }))
b <- tapply(long$base[long$parameter == "vas"], long$subject_id[long$parameter == "vas"], function(x) x[!is.na(x)][1]); pain$base <- b[pain$subject_id]
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
hr("I2", image, "armexercise", "arm[T.exercise]"); hr("I2", image, "multifidus_fat", "multifidus_fat")
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
write(toJSON(list(R = R.version.string, survival = as.character(packageVersion("survival")), found = found), digits = 15, auto_unbox = TRUE), stdout())

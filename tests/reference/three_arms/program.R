# Recomputes the analyses of a plan with three arms from the datasets that `trialkit sap run` exports.
# Rscript program.R DATASETS > output.json
suppressMessages({library(survival); library(jsonlite); library(emmeans); library(multcomp); library(ordinal); library(nlme)})
folder <- commandArgs(TRUE)[1]
get <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = c(subject_id = "character"), check.names = FALSE)
found <- list()
say <- function(analysis, table, match, numbers, tolerance = 1e-6) {
  for (column in names(numbers)) found[[length(found) + 1]] <<- list(
    analysis = analysis, table = table, match = match, column = column, value = unname(numbers[[column]]), tolerance = tolerance)
}
yes <- function(x) x %in% c(TRUE, "True", "TRUE")
subjects <- get("subjects"); long <- get("assessments"); times <- get("times")
subjects <- subjects[yes(subjects$set_full), ]
subjects$arm <- factor(subjects$planned_arm, c("control", "walking", "exercise"))
subjects$sex <- factor(subjects$sex, c("Female", "Male")); subjects$site <- factor(subjects$site)
at <- function(parameter, visit) {
  rows <- long[long$parameter == parameter & long$visit == visit & yes(long$analysis_flag), c("subject_id", "base", "value", "chg")]
  merge(subjects[, setdiff(names(subjects), c("base", "value", "chg"))], rows, by = "subject_id", all.x = TRUE)
}
name <- function(x) gsub("[()]", "", as.character(x))
against <- list("exercise - control" = c(-1, 0, 1), "walking - control" = c(-1, 1, 0))
all_pairs <- c(against, list("exercise - walking" = c(0, -1, 1)))
d <- at("odi", "month_12"); full <- chg ~ arm + base + sex + site
fit <- lm(full, d)

# P1: each with the reference, Dunnett by the exact multivariate t; LS means over the observed mix
m <- emmeans(fit, ~ arm, weights = "proportional")
table <- as.data.frame(m)
for (i in 1:3) say("P1", "ls_means", list(arm = as.character(table$arm[i])), list(
  estimate = table$emmean[i], standard_error = table$SE[i], ci_lower = table$lower.CL[i], ci_upper = table$upper.CL[i]))
plain <- as.data.frame(summary(contrast(m, against), infer = TRUE, adjust = "none"))
for (i in 1:2) say("P1", "contrasts", list(contrast = name(plain$contrast[i])), list(
  estimate = plain$estimate[i], standard_error = plain$SE[i], df = plain$df[i], statistic = plain$t.ratio[i], p_value = plain$p.value[i],
  ci_lower = plain$lower.CL[i], ci_upper = plain$upper.CL[i]))
set.seed(1)
dunnett <- glht(fit, linfct = mcp(arm = rbind("exercise - control" = c(-1, 0, 1), "walking - control" = c(-1, 1, 0))))
p <- summary(dunnett, test = adjusted("single-step", abseps = 1e-8, maxpts = 1e6))$test
ci <- confint(dunnett, calpha = qmvt(.95, tail = "both.tails", df = fit$df.residual, corr = cov2cor(vcov(dunnett)), abseps = 1e-8, maxpts = 1e6, interval = c(1.5, 3))$quantile)$confint
for (one in names(against)) {
  say("P1", "contrasts", list(contrast = one), list(adjusted_p_value = p$pvalues[[match(one, names(against))]]), 1e-4)
  say("P1", "contrasts", list(contrast = one), list(simultaneous_lower = ci[one, "lwr"], simultaneous_upper = ci[one, "upr"]), 1e-4)
}
joint <- anova(lm(chg ~ base + sex + site, d[!is.na(d$chg) & !is.na(d$base), ]), fit)
for (one in c("P1", "P3")) say(one, "joint", list(), list(df_num = joint$Df[2], df_den = joint$Res.Df[2], statistic = joint$F[2], p_value = joint$`Pr(>F)`[2]))

# P3: all pairs, Tukey; LS means with equal weights
tukey <- as.data.frame(summary(contrast(emmeans(fit, ~ arm), "revpairwise"), infer = TRUE))
for (i in 1:3) say("P3", "contrasts", list(contrast = name(tukey$contrast[i])), list(
  estimate = tukey$estimate[i], adjusted_p_value = tukey$p.value[i], simultaneous_lower = tukey$lower.CL[i], simultaneous_upper = tukey$upper.CL[i]), 1e-5)

# P2: the completed data sets as exported, pooled by Rubin's rules with Barnard and Rubin's df; Holm over the two
imputed <- get("imputed"); imputed <- imputed[imputed$analysis == "P2" & imputed$parameter == "odi", ]
base <- long[long$parameter == "odi" & long$visit == "baseline" & yes(long$analysis_flag), c("subject_id", "value")]
whole <- at("odi", "month_12"); whole$base <- base$value[match(whole$subject_id, base$subject_id)]
whole$base[is.na(whole$base)] <- mean(whole$base, na.rm = TRUE)
fits <- lapply(sort(unique(imputed$imputation)), function(k) {
  here <- imputed[imputed$imputation == k, ]; one <- whole
  gap <- is.na(one$value); one$value[gap] <- here$imputed[match(one$subject_id[gap], here$subject_id)]
  one$chg <- one$value - one$base; lm(full, one)
})
pooled <- sapply(c("armexercise", "armwalking"), function(term) {
  q <- sapply(fits, function(f) coef(f)[term]); u <- sapply(fits, function(f) vcov(f)[term, term]); M <- length(q)
  b <- var(q); within <- mean(u); total <- within + (1 + 1 / M) * b; lambda <- (1 + 1 / M) * b / total
  old <- (M - 1) / lambda^2; n <- fits[[1]]$df.residual; obs <- (n + 1) / (n + 3) * n * (1 - lambda); df <- 1 / (1 / old + 1 / obs)
  c(mean(q), sqrt(total), df, 2 * pt(-abs(mean(q) / sqrt(total)), df))
})
holm <- p.adjust(pooled[4, ], "holm")
for (i in 1:2) say("P2", "contrasts", list(contrast = names(against)[i]), list(
  estimate = pooled[1, i], standard_error = pooled[2, i], df = pooled[3, i], p_value = pooled[4, i], adjusted_p_value = holm[[i]]))

# P4: two arms alone
two <- droplevels(d[d$arm != "control", ]); pair <- summary(lm(full, two))$coefficients["armexercise", ]
say("P4", "contrasts", list(), list(estimate = pair[[1]], standard_error = pair[[2]], statistic = pair[[3]], p_value = pair[[4]]))

# O1: MMRM, unstructured, REML: estimates, errors and the test of all arms at each visit (nlme stops near 1e-5)
shown <- c(week_6 = "End of intervention (week 6)", month_1 = "1 month post-intervention", month_3 = "3 months post-intervention",
           month_6 = "6 months post-intervention", month_12 = "12 months after randomization")
stacked <- do.call(rbind, lapply(names(shown), function(v) { x <- at("odi", v); x$visit <- v; x }))
stacked <- stacked[!is.na(stacked$chg) & !is.na(stacked$base), ]
stacked$visit <- factor(stacked$visit, names(shown)); stacked <- stacked[order(stacked$subject_id, stacked$visit), ]
g <- gls(chg ~ base * visit + arm * visit + sex + site, stacked, correlation = corSymm(form = ~ as.integer(visit) | subject_id),
         weights = varIdent(form = ~ 1 | visit), method = "REML", control = glsControl(maxIter = 200, msMaxIter = 400, tolerance = 1e-8, msTol = 1e-10, opt = "nlminb"))
V <- vcov(g); beta <- coef(g)
for (v in names(shown)) {
  L <- t(sapply(c("exercise", "walking"), function(a) { r <- setNames(rep(0, length(beta)), names(beta)); r[paste0("arm", a)] <- 1
    k <- c(paste0("visit", v, ":arm", a), paste0("arm", a, ":visit", v)); k <- k[k %in% names(r)]; if (length(k)) r[k] <- 1; r }))
  est <- L %*% beta; C <- L %*% V %*% t(L)
  for (i in 1:2) say("O1", "contrasts", list(contrast = names(against)[i], visit = shown[[v]]), list(estimate = est[i], standard_error = sqrt(C[i, i])), 1e-4)
  say("O1", "joint", list(visit = shown[[v]]), list(statistic = as.numeric(t(est) %*% solve(C) %*% est) / 2, df_num = 2), 1e-3)
}

# S1, S2: responders
used <- d[!is.na(d$chg), ]
wilson <- function(p, n) { z <- qnorm(.975); m <- (p + z^2 / (2 * n)) / (1 + z^2 / n); h <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)) / (1 + z^2 / n); c(m - h, m + h) }
difference <- function(y, arm, a, b) {
  p1 <- mean(y[arm == a]); p0 <- mean(y[arm == b]); i1 <- wilson(p1, sum(arm == a)); i0 <- wilson(p0, sum(arm == b)); dd <- p1 - p0
  keep <- arm %in% c(a, b)
  list(estimate = dd, ci_lower = dd - sqrt((p1 - i1[1])^2 + (i0[2] - p0)^2), ci_upper = dd + sqrt((i1[2] - p1)^2 + (p0 - i0[1])^2),
       p_value = suppressWarnings(chisq.test(table(droplevels(arm[keep]), y[keep]), correct = FALSE)$p.value))
}
definitions <- list("ODI lower by 10 points or more" = used$chg <= -10, "ODI lower by 30 % of baseline or more" = used$chg <= -.3 * used$base)
for (one in names(definitions)) {
  y <- definitions[[one]]
  pairs <- list(c("exercise", "control"), c("exercise", "walking"))
  parts <- lapply(pairs, function(x) difference(y, used$arm, x[1], x[2]))
  hochberg <- p.adjust(sapply(parts, `[[`, "p_value"), "hochberg")
  for (i in 1:2) say("S1", "contrasts", list(definition = one, measure = "risk difference", contrast = paste(pairs[[i]], collapse = " - ")), c(parts[[i]], list(adjusted_p_value = hochberg[i])))
  for (a in levels(used$arm)) say("S1", "proportions", list(definition = one, arm = a), list(responders = sum(y[used$arm == a]), n = sum(used$arm == a), proportion = mean(y[used$arm == a])))
  stratum <- interaction(used$sex, used$site, drop = TRUE); full_strata <- ave(seq_along(y), stratum, FUN = length) > 1
  cmh <- mantelhaen.test(table(used$arm[full_strata], y[full_strata], droplevels(stratum[full_strata])), correct = FALSE)
  say("S1", "joint", list(definition = one), list(statistic = cmh$statistic[[1]], df_num = cmh$parameter[[1]], p_value = cmh$p.value))
}
y <- definitions[[1]]
for (a in c("exercise", "walking")) say("S2", "contrasts", list(measure = "risk difference", contrast = paste(a, "- control")), difference(y, used$arm, a, "control"))
whole_test <- chisq.test(table(used$arm, y), correct = FALSE)
say("S2", "joint", list(), list(statistic = whole_test$statistic[[1]], df_num = whole_test$parameter[[1]], p_value = whole_test$p.value))

# N1: proportional odds, all pairs, Holm; Wald and likelihood tests of the arms together
s <- at("satisfaction", "month_12"); s <- s[!is.na(s$value), ]; s$level <- factor(s$value, ordered = TRUE)
po <- clm(level ~ arm + sex, data = s, control = clm.control(gradTol = 1e-10))
b <- coef(po); v <- vcov(po); rows <- list("exercise - control" = c(0, 1), "walking - control" = c(1, 0), "exercise - walking" = c(-1, 1))
terms <- c("armwalking", "armexercise"); z <- sapply(rows, function(r) sum(r * b[terms]) / sqrt(as.numeric(t(r) %*% v[terms, terms] %*% r)))
ps <- 2 * pnorm(-abs(z)); adjusted_p <- p.adjust(ps, "holm")
for (one in names(rows)) { r <- rows[[one]]; say("N1", "contrasts", list(contrast = one), list(estimate = exp(sum(r * b[terms])),
  log_standard_error = sqrt(as.numeric(t(r) %*% v[terms, terms] %*% r)), p_value = ps[[one]], adjusted_p_value = adjusted_p[[one]]), 1e-5) }
wald <- as.numeric(t(b[terms]) %*% solve(v[terms, terms]) %*% b[terms])
say("N1", "joint", list(), list(statistic = wald, df_num = 2), 1e-5)

# R1: log-rank of three groups and Cox, stratified; restricted means by hand of each curve
tt <- merge(subjects, times[times$parameter == "recurrence", c("subject_id", "time_days", "event")], by = "subject_id")
late <- tt$time_days > 365; tt$event[late] <- 0; tt$time_days[late] <- 365
lr <- survdiff(Surv(time_days, event) ~ arm + strata(sex, site), tt)
say("R1", "log_rank", list(), list(statistic = lr$chisq, df = 2, p_value = pchisq(lr$chisq, 2, lower.tail = FALSE)))
cx <- coxph(Surv(time_days, event) ~ arm + strata(sex, site), tt, ties = "efron")
b <- coef(cx); v <- vcov(cx)
for (one in names(rows)) { r <- rows[[one]]; se <- sqrt(as.numeric(t(r) %*% v[terms, terms] %*% r)); e <- sum(r * b[terms])
  say("R1", "contrasts", list(contrast = one), list(estimate = exp(e), log_standard_error = se, p_value = 2 * pnorm(-abs(e / se)),
      ci_lower = exp(e - qnorm(.975) * se), ci_upper = exp(e + qnorm(.975) * se))) }
say("R1", "joint", list(), list(statistic = as.numeric(t(b[terms]) %*% solve(v[terms, terms]) %*% b[terms]), df_num = 2))
km <- survfit(Surv(time_days, event) ~ arm, tt, conf.type = "log-log"); at_days <- summary(km, times = c(180, 365), extend = TRUE)
for (i in seq_along(at_days$time)) say("R1", "at", list(arm = sub("arm=", "", as.character(at_days$strata[i])), time_days = at_days$time[i]), list(risk = 1 - at_days$surv[i]))
tau <- min(365, tapply(tt$time_days, tt$arm, max)); rm <- survival:::survmean(km, rmean = tau)$matrix
mean_of <- setNames(rm[, grep("rmean|\\*rmean", colnames(rm))[1]], sub("arm=", "", rownames(rm)))
for (one in names(rows)) { ab <- strsplit(one, " - ")[[1]]; say("R1", "restricted_mean", list(contrast = one), list(estimate = mean_of[[ab[1]]] - mean_of[[ab[2]]])) }

# M1: Holm over two responses and one hazard ratio
z <- function(a, b) difference(definitions[[1]], used$arm, a, b)$p_value
e <- b[["armexercise"]] / sqrt(v["armexercise", "armexercise"])
raw <- c("S2: exercise - control" = z("exercise", "control"), "S2: walking - control" = z("walking", "control"), "R1: exercise - control" = 2 * pnorm(-abs(e)))
for (one in names(raw)) say("M1", "adjusted", list(entry = one), list(p_value = raw[[one]], adjusted_p_value = p.adjust(raw, "holm")[[one]]))
versions <- sapply(c("emmeans", "multcomp", "survival", "ordinal", "nlme"), function(p) as.character(packageVersion(p)))
cat(toJSON(list(r = R.version.string, packages = as.list(versions), found = found), auto_unbox = TRUE, digits = 15, pretty = FALSE), "\n")

# Who was at risk of recurrence until when, from the values as they were entered, where every spinal intervention is a surgery.
# Rscript time_at_risk.R SNAPSHOT > time_at_risk.json
library(survival); library(jsonlite)
folder <- commandArgs(TRUE)[1]; horizon <- 365
get <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character", na.strings = "")
values <- get("values"); values <- values[is.na(values$state) | values$state == "value", ]
values$value[values$item == "si_type"] <- "surgery"
visits <- get("visits"); seen <- setNames(visits$date, paste(visits$subject_id, visits$visit))
who <- get("subjects"); who <- merge(who[!is.na(who$randomization_date), ], get("allocations"), by = "subject_id")
rows <- function(form) { v <- values[values$form == form, ]; if (!nrow(v)) return(v); v$row[is.na(v$row)] <- "1"
  reshape(v[, c("subject_id", "visit", "row", "item", "value")], idvar = c("subject_id", "visit", "row"), timevar = "item", direction = "wide") }
bounds <- function(text) { # the first and the last day that a date in full, or of a month, may be
  if (nchar(text) == 10) return(rep(as.Date(text), 2)); first <- as.Date(paste0(text, "-01")); c(first, seq(first, by = "month", length.out = 2)[2] - 1) }
again <- rows("recurrence"); again <- again[as.numeric(again$value.rec_lbp_hours) >= 24 & as.numeric(again$value.rec_vas_mm) > 20 & as.numeric(again$value.rec_pain_free_days) >= 30, ]
asked <- rows("lbp_status"); asked <- asked[asked$value.lbp_assessed %in% "1", ]; asked$day <- as.Date(seen[paste(asked$subject_id, asked$visit)])
died <- rows("death"); operated <- rows("spinal_interventions")
first <- NULL; all <- NULL
for (i in seq_len(nrow(who))) { id <- who$subject_id[i]; zero <- as.Date(who$randomization_date[i])
  mine <- again[again$subject_id == id & !is.na(again$value.rec_onset_date), ]
  days <- unlist(lapply(seq_len(nrow(mine)), function(k) { b <- bounds(mine$value.rec_onset_date[k]); told <- as.Date(seen[paste(id, mine$visit[k])])
    if (nchar(mine$value.rec_onset_date[k]) < 10) b <- c(max(b[1], zero), min(b[2], told, na.rm = TRUE)); as.numeric(b[1] - zero) + (as.numeric(b[2] - b[1]) %/% 2) }))
  days <- sort(unique(days[days >= 0]))
  death <- as.numeric(as.Date(died$value.death_date[died$subject_id == id]) - zero); death <- death[death >= 0]
  knife <- as.numeric(as.Date(operated$value.si_date[operated$subject_id == id]) - zero); knife <- knife[knife >= 0]
  contact <- max(0, as.numeric(asked$day[asked$subject_id == id] - zero), na.rm = TRUE)
  stop <- min(death, knife, Inf); why <- if (is.infinite(stop)) "contact" else if (stop %in% death) "Death" else "Spinal surgery"
  days <- days[days <= stop]; if (is.infinite(stop)) stop <- contact
  end <- if (length(days)) days[1] else stop; reason <- if (length(days)) "again" else why
  if (end > horizon) { end <- horizon; reason <- "horizon" }
  first <- rbind(first, data.frame(id, time = end, event = as.numeric(reason == "again"), why = reason))
  cuts <- unique(c(days[days > 0], if (stop > max(0, days)) stop)); if (!length(cuts)) next
  p <- data.frame(id, start = c(0, head(cuts, -1)), stop = cuts, event = as.numeric(cuts %in% days), why = ifelse(cuts %in% days, "again", why))
  p <- p[p$start < horizon, ]; late <- p$stop > horizon; p$event[late] <- 0; p$why[late] <- "horizon"; p$stop[late] <- horizon; all <- rbind(all, p) }
about <- data.frame(id = who$subject_id, arm = factor(who$planned_arm, c("control", "exercise")), sex = who$sex_randomized, site = who$site_randomized)
first <- merge(first, about); all <- merge(all, about); tight <- coxph.control(eps = 1e-12, iter.max = 100)
numbers <- function(fit, se) list(estimate = exp(unname(coef(fit))), log_standard_error = unname(summary(fit)$coefficients[1, se]))
last <- do.call(rbind, lapply(split(all, all$id), function(p) p[which.max(p$stop), ]))
count <- function(d) lapply(split(d$why, d$arm), function(w) as.list(table(factor(w, c("again", "Death", "Spinal surgery", "contact", "horizon")))))
cat(toJSON(list(
  first = count(first), episodes = count(last), events = as.list(tapply(all$event, all$arm, sum)), days_at_risk = as.list(tapply(all$stop - all$start, all$arm, sum)),
  cox = numbers(coxph(Surv(time, event) ~ arm + strata(sex, site), first, control = tight), "se(coef)"),
  andersen_gill = numbers(coxph(Surv(start, stop, event) ~ arm + strata(sex, site), all, cluster = id, control = tight), "robust se")
), auto_unbox = TRUE, digits = 15))

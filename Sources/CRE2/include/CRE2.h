// RE2 for Swift: compiled patterns, searches with groups.
#ifndef SWIFTLET_CRE2_H
#define SWIFTLET_CRE2_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct swiftlet_regex swiftlet_regex;

/// A compiled pattern in RE2's syntax. Never NULL; `swiftlet_regex_error` tells whether it can be used.
swiftlet_regex *swiftlet_regex_new(const char *pattern, size_t length, bool case_sensitive, bool dot_matches_newline,
                                   bool multiline);
void swiftlet_regex_free(swiftlet_regex *regex);

/// What is wrong with the pattern; NULL if nothing. Lives as long as the regex.
const char *swiftlet_regex_error(const swiftlet_regex *regex);

/// Number of capturing groups.
int swiftlet_regex_groups(const swiftlet_regex *regex);

/// Searches `text` from `start` on for the leftmost match. `bounds` receives `count` pairs of offsets, the whole match first;
/// a group that took no part has -1. Returns whether there is a match. May be called by several threads at once.
bool swiftlet_regex_search(const swiftlet_regex *regex, const char *text, size_t length, size_t start,
                           bool is_anchored_at_both_ends, int64_t *bounds, int count);

#ifdef __cplusplus
}
#endif
#endif

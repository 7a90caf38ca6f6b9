// The extern "C" face of RE2: see CRE2.h.
#include "CRE2.h"

#include <re2/re2.h>

#include <new>
#include <vector>

struct swiftlet_regex {
  RE2 re;
  swiftlet_regex(const re2::StringPiece &pattern, const RE2::Options &options) : re(pattern, options) {}
};

swiftlet_regex *swiftlet_regex_new(const char *pattern, size_t length, bool case_sensitive, bool dot_matches_newline,
                                   bool multiline) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(case_sensitive);
  options.set_dot_nl(dot_matches_newline);
  if (multiline) {
    // RE2 has no option for it outside of POSIX syntax.
    std::string flagged = "(?m)" + std::string(pattern, length);
    return new swiftlet_regex(flagged, options);
  }
  return new swiftlet_regex(re2::StringPiece(pattern, length), options);
}

void swiftlet_regex_free(swiftlet_regex *regex) { delete regex; }

const char *swiftlet_regex_error(const swiftlet_regex *regex) {
  return regex->re.ok() ? nullptr : regex->re.error().c_str();
}

int swiftlet_regex_groups(const swiftlet_regex *regex) { return regex->re.NumberOfCapturingGroups(); }

bool swiftlet_regex_search(const swiftlet_regex *regex, const char *text, size_t length, size_t start,
                           bool is_anchored_at_both_ends, int64_t *bounds, int count) {
  const re2::StringPiece whole(text, length);
  re2::StringPiece small[8];
  std::vector<re2::StringPiece> large;
  re2::StringPiece *groups = small;
  if (count > 8) {
    large.resize(static_cast<size_t>(count));
    groups = large.data();
  }
  if (!regex->re.Match(whole, start, length, is_anchored_at_both_ends ? RE2::ANCHOR_BOTH : RE2::UNANCHORED, groups,
                       count))
    return false;
  for (int i = 0; i < count; i++) {
    const bool took_part = groups[i].data() != nullptr;
    bounds[2 * i] = took_part ? groups[i].data() - text : -1;
    bounds[2 * i + 1] = took_part ? groups[i].data() - text + static_cast<int64_t>(groups[i].size()) : -1;
  }
  return true;
}

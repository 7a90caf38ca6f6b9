#pragma once
#include <stddef.h>

// A file that the driver's web server sends as it is.
struct swiftlet_asset {
  // As in the address: "/assets/app.js".
  const char *path;
  const char *type;
  const unsigned char *bytes;
  size_t count;
};

// The first of `swiftlet_asset_count` files.
extern const struct swiftlet_asset *const swiftlet_assets;
extern const size_t swiftlet_asset_count;

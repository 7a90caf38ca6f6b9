#pragma once
#include <stddef.h>

// A static file of the driver's web server.
struct swiftlet_asset {
  // Path in the URL: "/assets/app.js".
  const char *path;
  const char *type;
  const unsigned char *bytes;
  size_t count;
};

// Array of `swiftlet_asset_count` files.
extern const struct swiftlet_asset *const swiftlet_assets;
extern const size_t swiftlet_asset_count;

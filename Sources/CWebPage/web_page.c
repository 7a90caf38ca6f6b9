#include "web_page.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page[] = {
#embed "page/index.html"
};
static const unsigned char style[] = {
#embed "page/style.css"
};
static const unsigned char icon[] = {
#embed "page/icon.svg"
};
static const unsigned char app[] = {
#embed "page/app.js"
};
static const unsigned char cluster_view[] = {
#embed "page/cluster.js"
};
static const unsigned char job_view[] = {
#embed "page/job.js"
};
static const unsigned char stages_view[] = {
#embed "page/stages.js"
};
static const unsigned char timeline_view[] = {
#embed "page/timeline.js"
};
static const unsigned char format[] = {
#embed "page/format.js"
};
static const unsigned char dom[] = {
#embed "page/dom.js"
};

static const char html[] = "text/html; charset=utf-8";
static const char script[] = "text/javascript; charset=utf-8";

static const struct swiftlet_asset assets[] = {
    {"/", html, page, sizeof page},
    {"/assets/style.css", "text/css; charset=utf-8", style, sizeof style},
    {"/assets/icon.svg", "image/svg+xml", icon, sizeof icon},
    {"/assets/app.js", script, app, sizeof app},
    {"/assets/cluster.js", script, cluster_view, sizeof cluster_view},
    {"/assets/job.js", script, job_view, sizeof job_view},
    {"/assets/stages.js", script, stages_view, sizeof stages_view},
    {"/assets/timeline.js", script, timeline_view, sizeof timeline_view},
    {"/assets/format.js", script, format, sizeof format},
    {"/assets/dom.js", script, dom, sizeof dom},
};
const struct swiftlet_asset *const swiftlet_assets = assets;
const size_t swiftlet_asset_count = sizeof assets / sizeof assets[0];

/* A notebook for people who work outdoors, which nobody sells. Hosts below .example belong to
 * nobody (RFC 2606). */
#include "cli/traffic_site.h"

#define COUNT(table_) (sizeof(table_) / sizeof((table_)[0]))

/* ---- the product ---------------------------------------------------------------------------- */

static const struct traffic_page product_pages[] = {
    {"/", "Saltmarsh, the notebook for the field"},
    {"/download", "Download"},
    {"/features", "Features"},
    {"/pricing", "Pricing"},
    {"/docs", "Documentation"},
    {"/docs/quick-start", "Quick start"},
    {"/docs/install", "Install"},
    {"/docs/install/android", "Install on Android"},
    {"/docs/install/ios", "Install on iOS"},
    {"/docs/sync", "Sync your notebooks"},
    {"/changelog", "What is new"},
    {"/docs/maps", "Maps and tracks"},
    {"/docs/offline", "Working without a network"},
    {"/docs/photos", "Photos and sketches"},
    {"/features/maps", "Maps that work offline"},
    {"/docs/import", "Import"},
    {"/docs/import/csv", "Import from CSV"},
    {"/docs/export", "Export"},
    {"/about", "About us"},
    {"/docs/self-hosting", "Run your own server"},
    {"/docs/self-hosting/docker", "Run your own server with Docker"},
    {"/docs/api", "API"},
    {"/docs/api/authentication", "API: authentication"},
    {"/docs/api/notes", "API: notes"},
    {"/docs/api/webhooks", "API: webhooks"},
    {"/features/teams", "Notebooks for teams"},
    {"/docs/search", "Search"},
    {"/docs/tags", "Tags and species lists"},
    {"/docs/templates", "Templates"},
    {"/docs/keyboard", "Keyboard shortcuts"},
    {"/docs/teams", "Teams and permissions"},
    {"/docs/backups", "Backups"},
    {"/compare/paper", "Saltmarsh and paper"},
    {"/compare/spreadsheets", "Saltmarsh and spreadsheets"},
    {"/docs/troubleshooting", "Troubleshooting"},
    {"/docs/troubleshooting/gps", "Troubleshooting: GPS"},
    {"/docs/troubleshooting/sync", "Troubleshooting: sync"},
    {"/docs/faq", "Questions and answers"},
    {"/customers", "Who uses Saltmarsh"},
    {"/customers/bird-survey", "A bird survey with 400 volunteers"},
    {"/customers/soil-lab", "A soil laboratory on the road"},
    {"/docs/weather", "Weather and tides"},
    {"/docs/sensors", "Sensors over Bluetooth"},
    {"/docs/upgrade", "Upgrading"},
    {"/security", "Security"},
    {"/privacy", "Privacy"},
    {"/terms", "Terms"},
    {"/contact", "Contact"},
    {"/jobs", "Jobs"},
    {"/press", "Press"},
    {"/docs/accessibility", "Accessibility"},
    {"/docs/languages", "Languages"},
    {"/status", "Status"},
    {"/docs/plugins", "Plugins"},
    {"/docs/plugins/first", "Your first plugin"},
    {"/docs/plugins/reference", "Plugin reference"},
};

static const char *const platforms[] = {"android", "ios", "windows", "macos", "linux", NULL};
static const char *const plans[] = {"free", "personal", "team", "institute", NULL};
static const char *const topics[] = {"sales", "support", "press", NULL};

static const struct traffic_action product_actions[] = {
    {"/download", "download", 0.38, "platform", platforms, 0, 0},
    {"/pricing", "signup", 0.14, "plan", plans, 400, 9900},
    {"/contact", "message", 0.3, "topic", topics, 0, 0},
    {"/docs/import/csv", "import", 0.05, NULL, NULL, 0, 0},
};

/* ---- the blog ------------------------------------------------------------------------------- */

static const struct traffic_page blog_pages[] = {
    {"/", "Field notes"},
    {"/hello", "Hello, field"},
    {"/why-paper-gets-wet", "Why paper gets wet"},
    {"/tide-tables", "Reading tide tables"},
    {"/counting-birds", "Counting birds without counting twice"},
    {"/a-year-of-mud", "A year of mud"},
    {"/batteries-in-winter", "Batteries in winter"},
    {"/map-projections", "Map projections for the impatient"},
    {"/sync-without-a-server", "Sync without a server"},
    {"/what-we-measure", "What we measure, and what we do not"},
    {"/gloves", "Touch screens and gloves"},
    {"/species-names", "Names of species change"},
    {"/offline-first", "Offline first, two years on"},
    {"/small-databases", "Small databases are good databases"},
    {"/release-2", "Saltmarsh 2"},
    {"/photos-of-leaves", "How to photograph a leaf"},
    {"/volunteers", "Four hundred volunteers, one list"},
    {"/gps-in-the-forest", "GPS in the forest"},
    {"/open-source", "Saltmarsh is open source"},
    {"/clock-skew", "When the clock of a phone is wrong"},
    {"/merge-conflicts", "Two people, one note"},
    {"/soil-samples", "Labels that survive rain"},
    {"/accessibility", "Reading the screen in sunlight"},
    {"/no-cookies", "We removed our cookie banner"},
    {"/night-work", "Red screens for night work"},
    {"/csv", "In praise of CSV"},
    {"/release-3", "Saltmarsh 3"},
    {"/sensors", "Bluetooth in a wet bag"},
    {"/sqlite", "One file for each notebook"},
    {"/snow", "Notes from the snow"},
    {"/plugins", "Plugins that cannot break your notes"},
    {"/water-levels", "Water levels, by hand and by wire"},
    {"/hacker-news", "The day we were on the front page"},
    {"/backups", "A backup is a thing you have restored"},
    {"/winter-survey", "The winter survey in numbers"},
    {"/rust-or-c", "Why the core is written in C"},
    {"/maps-on-paper", "Printing maps"},
    {"/teams", "Who may change a note"},
    {"/migration", "When the birds come back"},
    {"/exactly-once", "Counting exactly once"},
    {"/weather", "Three sources of weather"},
    {"/roadmap", "What comes next"},
};

static const char *const lists[] = {"monthly", "releases", NULL};

static const struct traffic_action blog_actions[] = {
    {"/", "subscribe", 0.03, "list", lists, 0, 0},
    {"/roadmap", "subscribe", 0.06, "list", lists, 0, 0},
};

/* ---- the shop ------------------------------------------------------------------------------- */

static const struct traffic_page shop_pages[] = {
    {"/", "Shop"},
    {"/products/field-notebook", "Waterproof notebook"},
    {"/products/pencils", "Pencils, a dozen"},
    {"/cart", "Your cart"},
    {"/products/map-case", "Map case"},
    {"/checkout", "Checkout"},
    {"/products/rain-cover", "Rain cover for phones"},
    {"/order/thanks", "Thank you"},
    {"/products/hand-lens", "Hand lens, 10 times"},
    {"/products/headlamp-red", "Head lamp, red"},
    {"/collections/new", "New in the shop"},
    {"/products/stickers", "Stickers"},
    {"/products/soil-labels", "Labels that survive rain"},
    {"/products/tide-poster", "Poster of the tides"},
    {"/collections/gifts", "Gifts"},
    {"/shipping", "Shipping"},
    {"/returns", "Returns"},
    {"/products/wool-cap", "Wool cap"},
    {"/account", "Your account"},
    {"/contact", "Contact"},
};

static const char *const payments[] = {"card", "transfer", "wallet", NULL};
static const char *const products[] = {"field-notebook", "pencils",   "map-case",
                                       "rain-cover",     "hand-lens", NULL};

static const struct traffic_action shop_actions[] = {
    {"/cart", "add to cart", 0.6, "product", products, 0, 0},
    {"/order/thanks", "order", 0.8, "payment", payments, 900, 14900},
};

/* ---- all of them ---------------------------------------------------------------------------- */

const struct traffic_site traffic_sites[TRAFFIC_KIND_COUNT_] = {
    [TRAFFIC_PRODUCT] =
        {
            .name = "Saltmarsh",
            .host = "saltmarsh.example",
            .title_end = " - Saltmarsh",
            .share = 1,
            .go_on_chance = 0.62,
            .weekday = {1.12, 1.16, 1.15, 1.11, 1.0, 0.72, 0.74},
            .hour = {1,  1,  1,  1,  1,  2,  4,  7,  11, 14, 15, 14,
                     12, 13, 14, 14, 13, 11, 10, 10, 10, 8,  5,  2},
            .pages = product_pages,
            .page_count = COUNT(product_pages),
            .tail_path = "/notebooks/",
            .tail_title = "Notebook ",
            .actions = product_actions,
            .action_count = COUNT(product_actions),
        },
    [TRAFFIC_BLOG] =
        {
            .name = "Field notes",
            .host = "blog.saltmarsh.example",
            .title_end = " - Field notes",
            .share = 0.3,
            .go_on_chance = 0.35,
            .article_life = 9,
            .weekday = {1.15, 1.12, 1.1, 1.08, 0.98, 0.76, 0.81},
            .hour = {2,  1,  1,  1,  1, 2, 5, 9,  12, 12, 11, 10,
                     12, 11, 10, 10, 9, 9, 9, 10, 12, 11, 7,  4},
            .pages = blog_pages,
            .page_count = COUNT(blog_pages),
            .actions = blog_actions,
            .action_count = COUNT(blog_actions),
        },
    [TRAFFIC_SHOP] =
        {
            .name = "Saltmarsh shop",
            .host = "shop.saltmarsh.example",
            .title_end = " - Saltmarsh shop",
            .share = 0.15,
            .go_on_chance = 0.7,
            .weekday = {0.95, 0.92, 0.93, 0.95, 0.97, 1.1, 1.18},
            .hour = {2,  1,  1, 1, 1, 1,  3,  5,  7,  9,  10, 10,
                     11, 10, 9, 9, 9, 10, 12, 15, 16, 14, 9,  5},
            .pages = shop_pages,
            .page_count = COUNT(shop_pages),
            .tail_path = "/products/",
            .tail_title = "Item ",
            .actions = shop_actions,
            .action_count = COUNT(shop_actions),
        },
};

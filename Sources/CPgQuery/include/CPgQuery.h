// libpg_query: PostgreSQL 15's grammar as a library.
#ifndef SWIFTLET_CPGQUERY_H
#define SWIFTLET_CPGQUERY_H
#include <pg_query.h>
#endif

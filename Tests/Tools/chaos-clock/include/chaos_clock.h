// See clock.c. Nothing is called by name; the header is there for the build.

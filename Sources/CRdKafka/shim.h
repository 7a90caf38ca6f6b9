#include <librdkafka/rdkafka.h>
// The mock cluster, for unit tests.
#include <librdkafka/rdkafka_mock.h>

#include <librdkafka/rdkafka.h>
// The mock cluster, for unit tests.
#include <librdkafka/rdkafka_mock.h>

// A variadic function, for one error.
static inline rd_kafka_resp_err_t swiftlet_mock_push_error(
    rd_kafka_mock_cluster_t *cluster, int32_t broker, int16_t request, rd_kafka_resp_err_t error, int milliseconds) {
  return rd_kafka_mock_broker_push_request_error_rtts(cluster, broker, request, 1, error, milliseconds);
}

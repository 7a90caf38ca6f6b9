#include <microhttpd.h>
#include <string.h>

// What libmicrohttpd offers with variable arguments only.

struct swiftlet_mhd_limits {
  unsigned int connections;
  unsigned int connections_per_address;
  // Seconds without a byte in either direction.
  unsigned int silence;
  // Bytes for the request line and the headers of one connection.
  size_t memory;
  // Bytes of a connection's thread.
  size_t stack;
};

// Paths and queries stay as they were sent: the caller decodes them, strictly.
static inline size_t swiftlet_mhd_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

// A thread a connection. The listening socket belongs to the daemon from here on, if there is one.
static inline struct MHD_Daemon *swiftlet_mhd_start(int listener, struct swiftlet_mhd_limits limits,
                                                    MHD_AccessHandlerCallback handle,
                                                    MHD_RequestCompletedCallback completed,
                                                    MHD_NotifyConnectionCallback notify, void *context) {
  return MHD_start_daemon(
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL,
      handle, context, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT, limits.connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT,
      limits.silence, MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.memory, MHD_OPTION_THREAD_STACK_SIZE, limits.stack,
      MHD_OPTION_UNESCAPE_CALLBACK, swiftlet_mhd_keep, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, notify, context, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

// The connection's socket, -1 where there is none.
static inline int swiftlet_mhd_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? (int)info->connect_fd : -1;
}

static inline struct MHD_Response *swiftlet_mhd_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

// Closed enumerations get other names in Swift from one compiler to the next; these do not.
static const enum MHD_Result swiftlet_mhd_yes = MHD_YES;
static const enum MHD_Result swiftlet_mhd_no = MHD_NO;
static const enum MHD_ValueKind swiftlet_mhd_headers = MHD_HEADER_KIND;
static const enum MHD_ValueKind swiftlet_mhd_arguments = MHD_GET_ARGUMENT_KIND;
static inline int swiftlet_mhd_is_start(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}

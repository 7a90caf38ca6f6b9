import CSimdJSON

/// The optional fields of an event that features read. Their values are left out if they have another type, and counted.
package enum OptionalField: Int, CaseIterable, Sendable {
  case session, page, device, duration, price, quantity

  /// The name in an event.
  package var name: String {
    switch self {
    case .session: "session_id"
    case .page: "page_url"
    case .device: "device"
    case .duration: "duration_ms"
    case .price: "price"
    case .quantity: "quantity"
    }
  }

  /// The field's bit in `swiftlet_event.ignored`.
  package var bit: UInt8 {
    let field =
      switch self {
      case .session: SWIFTLET_FIELD_SESSION
      case .page: SWIFTLET_FIELD_PAGE
      case .device: SWIFTLET_FIELD_DEVICE
      case .duration: SWIFTLET_FIELD_DURATION
      case .price: SWIFTLET_FIELD_PRICE
      case .quantity: SWIFTLET_FIELD_QUANTITY
      }
    return UInt8(truncatingIfNeeded: field.rawValue)
  }
}

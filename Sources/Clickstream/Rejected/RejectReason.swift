import CSimdJSON

/// Why a line is not an event. If several reasons apply, the first in this order is reported.
package enum RejectReason: UInt8, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  case malformed = 1
  case notAnObject, missingEventType, wrongEventType, missingTimestamp, wrongTimestamp, missingUserID,
    wrongUserID
  case badTimestamp

  package var description: String {
    switch self {
    case .malformed: "malformed JSON"
    case .notAnObject: "not an object"
    case .missingEventType: "missing event_type"
    case .wrongEventType: "wrong type event_type"
    case .missingTimestamp: "missing timestamp"
    case .wrongTimestamp: "wrong type timestamp"
    case .missingUserID: "missing user_id"
    case .wrongUserID: "wrong type user_id"
    case .badTimestamp: "bad timestamp"
    }
  }
}

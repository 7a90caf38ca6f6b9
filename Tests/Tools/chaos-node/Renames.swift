import Glibc

// This program's own `rename` and `renameat2`, which the linker prefers to those of the C library: they tell before a
// file of the output moves, so that a fault can strike in the middle of a commit without a hook in the code that commits.
// `take`: an attempt's file is put into the folder that is to be published; `install`: that folder is put in place.

@_cdecl("rename")
func probedRename(_ from: UnsafePointer<CChar>, _ to: UnsafePointer<CChar>) -> CInt {
  if String(cString: from).contains("/attempts/"), String(cString: to).contains(".staging/output/") {
    Rendezvous.reached("take", "\(String(cString: from)) \(String(cString: to))")
  }
  return renameat(AT_FDCWD, from, AT_FDCWD, to)
}

@_cdecl("renameat2")
func probedRenameAt2(
  _ fromFolder: CInt, _ from: UnsafePointer<CChar>, _ toFolder: CInt, _ to: UnsafePointer<CChar>,
  _ flags: CUnsignedInt
) -> CInt {
  Rendezvous.reached("install", "\(String(cString: from)) \(String(cString: to))")
  let done = systemRenameAt2(fromFolder, from, toFolder, to, flags)
  let code = errno
  Rendezvous.reached("installed", "\(String(cString: from)) \(String(cString: to))")
  errno = code
  return done
}

private typealias RenameAt2 =
  @convention(c) (
    CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt
  ) -> CInt

/// The C library's own.
private let systemRenameAt2: RenameAt2 = {
  let next = UnsafeMutableRawPointer(bitPattern: -1)  // RTLD_NEXT
  return unsafeBitCast(dlsym(next, "renameat2"), to: RenameAt2.self)
}()

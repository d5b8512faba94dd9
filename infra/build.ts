/** What has a program in this repository, each in a folder of its own under services/. */
export const OURS = ["user", "order", "payment", "inventory", "shipment"] as const;

/**
 * How they are compiled: as the toolchain's own programs, with which they share packages, and without the pages of
 * golang.org/x/net/trace, which would be a quarter of each.
 */
export const GO_FLAGS: readonly string[] = ["-gcflags=all=-dwarf=false", "-tags=grpcnotrace"];

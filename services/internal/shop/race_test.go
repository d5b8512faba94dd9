//go:build race

package shop

// With the race detector the programs have it too. They are then not what is shipped, and take more memory.
func init() {
	flags = []string{"build", "-race", "-tags", "grpcnotrace"}
	cgo = "CGO_ENABLED=1"
	shipped = false
}

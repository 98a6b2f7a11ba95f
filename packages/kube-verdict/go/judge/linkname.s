// Go compiles functions without a body, such as those of go:linkname, only
// where there is a file of assembly.

package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

// version is set by the linker where the build knows it: -ldflags "-X main.version=1.2.3".
var version string

// buildInfo says what was built, from what, by which Go.
type buildInfo struct{ version, revision, goVersion string }

func (b buildInfo) String() string {
	return fmt.Sprintf("%s (revision %s, %s)", b.version, b.revision, b.goVersion)
}

func buildOf() buildInfo {
	info, known := debug.ReadBuildInfo()
	if !known {
		return buildInfo{cmp.Or(version, "unknown"), "unknown", "unknown"}
	}
	revision, modified := "unknown", ""
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			revision = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			modified = "-modified"
		}
	}
	return buildInfo{cmp.Or(version, info.Main.Version, "unknown"), revision + modified, info.GoVersion}
}

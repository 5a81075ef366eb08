//go:build race

package py

const raceEnabled = true

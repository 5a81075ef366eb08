package main

import (
	"bytes"
	"testing"
)

func TestBuckets(t *testing.T) {
	image := smallImage()
	before := bytes.Clone(image)
	own, err := takeBuckets(smallBase, image)
	if err != nil {
		t.Fatal(err)
	}
	size := own.count * bucketSize
	at := own.address - smallBase
	if own.count != bucketsPerFunc*smallestModule || at != len(image)-size-len("end") {
		t.Errorf("%d entries at %#x of %#x", own.count, at, len(image))
	}
	if !bytes.Equal(image[at:at+size], make([]byte, size)) {
		t.Error("the entries are still there")
	}
	copy(image[at:], before[at:at+size])
	if !bytes.Equal(image, before) {
		t.Error("more than the entries was changed")
	}

	// Entries of another layout, which stay as they are.
	image[at+bucketSize*bucketsPerFunc*50] ^= 1
	changed := bytes.Clone(image)
	if own, err := takeBuckets(smallBase, image); err == nil || !bytes.Equal(image, changed) {
		t.Errorf("entries that do not go up are taken: %v, %v", own, err)
	}
}

// TestGap: an image is set without long runs of zeros, and becomes the same.
func TestGap(t *testing.T) {
	gap := make([]byte, leastGap)
	for name, c := range map[string]struct {
		image    []byte
		segments byte
	}{
		"nothing":             {nil, 1},
		"no gap":              {[]byte("image"), 1},
		"a gap":               {append(append([]byte("a"), gap...), 'b'), 2},
		"two gaps":            {append(append(append(append([]byte("a"), gap...), "bc"...), gap...), 0, 'd'), 3},
		"a short gap":         {append(append([]byte("a"), gap[1:]...), 'b'), 1},
		"a gap at the end":    {append([]byte("a"), gap...), 1},
		"a gap at the start":  {append(bytes.Clone(gap), 'a'), 2},
		"a gap of two and up": {append(append(append([]byte("a"), gap...), gap...), 'b'), 2},
	} {
		section := imageSection(smallBase, c.image)
		if section[0] != c.segments {
			t.Errorf("%s: %d segments, want %d", name, section[0], c.segments)
		}
		base, image, err := joinSegments(section)
		if err != nil || base != smallBase || !bytes.Equal(image, c.image) {
			t.Errorf("%s: %d bytes at %#x, %v", name, len(image), base, err)
		}
	}
}

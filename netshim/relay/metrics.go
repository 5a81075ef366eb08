package relay

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/stepwire/stepwire/netshim/wisp"
)

// metrics are what a relay counts. No label ever holds a destination, a client
// or a token: all values are from lists known beforehand.
type metrics struct {
	refused  *prometheus.CounterVec
	accepted *prometheus.CounterVec
	ended    *prometheus.CounterVec
	up, down prometheus.Counter
	crashes  prometheus.Counter
	turned   prometheus.Counter
	dial     prometheus.Histogram
	life     prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, r *Relay) *metrics {
	m := &metrics{
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netshim_refused_total", Help: "Requests refused before they became a WebSocket, by cause.",
		}, []string{"cause"}),
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netshim_websockets_total", Help: "WebSockets accepted, by convention.",
		}, []string{"convention"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netshim_streams_total", Help: "Streams ended, refused ones included, by reason.",
		}, []string{"reason"}),
		up:      prometheus.NewCounter(prometheus.CounterOpts{Name: "netshim_up_bytes_total", Help: "Bytes written to destinations."}),
		down:    prometheus.NewCounter(prometheus.CounterOpts{Name: "netshim_down_bytes_total", Help: "Bytes read from destinations."}),
		crashes: prometheus.NewCounter(prometheus.CounterOpts{Name: "netshim_panics_total", Help: "Panics that ended a stream or a WebSocket."}),
		turned:  prometheus.NewCounter(prometheus.CounterOpts{Name: "netshim_turned_away_total", Help: "TCP connections closed at once because there were too many."}),
		dial: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netshim_dial_seconds", Help: "Time from a request to an open connection, name resolution included.",
			Buckets: []float64{.001, .005, .02, .05, .1, .2, .5, 1, 2, 5, 10},
		}),
		life: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netshim_stream_seconds", Help: "How long streams lasted.",
			Buckets: []float64{.01, .1, 1, 10, 60, 600, 3600},
		}),
	}
	for _, cause := range causes {
		m.refused.WithLabelValues(cause)
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	reg.MustRegister(m.refused, m.accepted, m.ended, m.up, m.down, m.crashes, m.turned, m.dial, m.life,
		gauge("netshim_websockets", "WebSockets open.", func() float64 { n, _, _ := r.places.taken(); return float64(n) }),
		gauge("netshim_streams", "Streams open.", func() float64 { _, n, _ := r.places.taken(); return float64(n) }),
		gauge("netshim_dials", "Destinations being resolved or connected to.", func() float64 { _, _, n := r.places.taken(); return float64(n) }),
		gauge("netshim_buffer_free_bytes", "What is left of max-buffered.", func() float64 { return float64(r.pool.Left()) }),
		gauge("netshim_draining", "1 while the relay drains.", func() float64 {
			if r.Draining() {
				return 1
			}
			return 0
		}),
	)
	return m
}

// reasonLabel bounds the label's values: a client may send any byte as reason.
func reasonLabel(r wisp.Reason) string {
	switch r {
	case wisp.ReasonVoluntary:
		return "voluntary"
	case wisp.ReasonNetworkError:
		return "network_error"
	case wisp.ReasonInvalid:
		return "invalid"
	case wisp.ReasonUnreachable:
		return "unreachable"
	case wisp.ReasonTimeout:
		return "connect_timeout"
	case wisp.ReasonRefused:
		return "connection_refused"
	case wisp.ReasonDataTimeout:
		return "data_timeout"
	case wisp.ReasonBlocked:
		return "blocked"
	case wisp.ReasonThrottled:
		return "throttled"
	case wisp.ReasonClientError:
		return "client_error"
	}
	return "other"
}

package bridge

// clientMethods is the table of the client itself.
var clientMethods = map[string]func(*Bridge, *call) (any, error){}

package scenario

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

var documentKeys = []string{"version", "name", "about", "peer", "client", "expect"}

// A kind is what a value must be: a check, and its name in an error.
type kind struct {
	is   func(Value) bool
	name string
}

var (
	aString  = kind{isString, "a string"}
	anInt    = kind{isInt, "an integer"}
	aBool    = kind{isBool, "true or false"}
	onlyTrue = kind{func(v Value) bool { return v == true }, "true"}
	someByte = kind{func(v Value) bool { _, ok := asBytes(v); return ok }, `{"latin1": …} or {"b64": …}`}
	aBody    = kind{isBody, `null, bytes, or one of {"text": …}, {"iterable": [bytes, …]}, {"file": bytes}, {"textfile": …}`}
	headers  = kind{isHeaders, "a list of [name, value] with distinct names"}
	values   = kind{listOf(isHeaderValue), "a list of strings, integers or bytes"}
)

// argumentKinds says what each argument must be, whichever call it belongs to.
var argumentKinds = map[string]kind{
	"host": aString, "method": aString, "url": aString, "header": aString, "name": aString, "cafile": aString,
	"amt": anInt, "n": anInt, "limit": anInt, "blocksize": anInt, "debuglevel": anInt, "level": anInt,
	"verify": aBool, "check_hostname": aBool, "encode_chunked": aBool, "skip_host": aBool,
	"skip_accept_encoding": aBool, "auto_open": aBool,
	"headers": headers, "values": values, "body": aBody, "message_body": aBody, "data": aBody,
	"port":           {func(v Value) bool { return v == nil || isInt(v) || v == "$PORT" }, `an integer, null or "$PORT"`},
	"timeout":        {func(v Value) bool { return v == nil || isNumber(v) }, "a number of seconds or null"},
	"default":        {func(v Value) bool { return isString(v) || listOf(isString)(v) }, "a string or a list of strings"},
	"source_address": {isAddress, "a list of a host and a port"},
}

const connectionArguments = "host! port timeout blocksize debuglevel source_address auto_open"

// calls has the arguments of every call; "!" marks a required one.
var calls = map[string]string{
	"HTTPConnection":  connectionArguments,
	"HTTPSConnection": connectionArguments + " cafile check_hostname verify",
	"set_tunnel":      "host! port headers",
	"set_debuglevel":  "level!",
	"connect":         "", "close": "", "attributes": "", "constants": "", "getresponse": "",
	"request":    "method! url! headers body encode_chunked",
	"putrequest": "method! url! skip_host skip_accept_encoding",
	"putheader":  "header! values!",
	"endheaders": "message_body encode_chunked",
	"send":       "data!",
}

// responseCalls are those that act on a response and may name it.
var responseCalls = map[string]string{
	"read": "amt", "readinto": "n!", "read1": "n", "peek": "n", "readline": "limit", "readlines": "",
	"iterate": "", "getheader": "name! default", "getheaders": "", "isclosed": "", "closed": "",
	"response_close": "",
}

var actions = map[string]kind{
	"recv_head": onlyTrue, "recv_until": someByte, "recv_n": anInt, "send": someByte, "sleep_ms": anInt,
	"shutdown_write": onlyTrue, "close": onlyTrue, "reset": onlyTrue, "stop_listening": onlyTrue, "tls": aString,
}

func isString(v Value) bool { _, ok := v.(string); return ok }
func isBool(v Value) bool   { _, ok := v.(bool); return ok }
func isNumber(v Value) bool { _, ok := v.(Number); return ok }
func isInt(v Value) bool    { n, _ := v.(Number); return n.IsInt() }

func listOf(is func(Value) bool) func(Value) bool {
	return func(v Value) bool {
		list, ok := v.([]Value)
		return ok && !slices.ContainsFunc(list, func(item Value) bool { return !is(item) })
	}
}

// isHeaderValue takes integers of any size: they are only printed.
func isHeaderValue(v Value) bool {
	if n, ok := v.(Number); ok {
		return n.IsInt()
	}
	return isString(v) || someByte.is(v)
}

func isHeaders(v Value) bool {
	list, ok := v.([]Value)
	seen := map[string]bool{}
	for _, item := range list {
		pair, _ := item.([]Value)
		if len(pair) != 2 || !isString(pair[0]) || !isHeaderValue(pair[1]) || seen[pair[0].(string)] {
			return false
		}
		seen[pair[0].(string)] = true
	}
	return ok
}

func isBody(v Value) bool {
	if v == nil || someByte.is(v) {
		return true
	}
	object, _ := v.(Object)
	if len(object) != 1 {
		return false
	}
	switch content := object[0].Value; object[0].Name {
	case "text", "textfile":
		return isString(content)
	case "file":
		return someByte.is(content)
	case "iterable":
		return listOf(someByte.is)(content)
	}
	return false
}

func isAddress(v Value) bool {
	list, _ := v.([]Value)
	return len(list) == 2 && isString(list[0]) && isInt(list[1])
}

func fault(where, problem string) error { return errors.New(where + ": " + problem) }

func checkKind(where, name string, want kind, v Value) error {
	if want.is(v) {
		return nil
	}
	if isByteObject(v) {
		if _, err := decodeBytes(v); err != nil {
			return fault(where, err.Error())
		}
	}
	return fault(where, "bad value for "+name+": "+shown(v)+"; expected "+want.name)
}

// unknownKeys names the members of object that are not among allowed.
func unknownKeys(object Object, allowed ...string) []string {
	var unknown []string
	for _, member := range object {
		if !slices.Contains(allowed, member.Name) {
			unknown = append(unknown, member.Name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// check makes a Doc of a JSON value, or names the place where it is none.
func check(value Value) (*Doc, error) {
	object, ok := value.(Object)
	if !ok {
		return nil, fault("document", "must be a JSON object, got "+shown(value))
	}
	if unknown := unknownKeys(object, documentKeys...); unknown != nil {
		return nil, fault("document", "unknown keys "+quoted(unknown))
	}
	doc := &Doc{source: object}
	if version, _ := object.Get("version"); !equal(version, Int(Version)) {
		return nil, fault("version", "must be 1, got "+shown(version))
	}
	for _, field := range []struct {
		key  string
		text *string
	}{{"name", &doc.Name}, {"about", &doc.About}} {
		text, _ := object.Get(field.key)
		*field.text, _ = text.(string)
		if *field.text == "" {
			return nil, fault(field.key, "must be a non-empty string, got "+shown(text))
		}
	}
	peer, err := listAt(object, "peer")
	if err != nil {
		return nil, err
	}
	client, err := listAt(object, "client")
	if err != nil {
		return nil, err
	}
	for i, connection := range peer {
		script, err := checkScript(connection, "peer["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, err
		}
		doc.Peer = append(doc.Peer, script)
	}
	for i, item := range client {
		step, err := checkStep(item, "client["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, err
		}
		doc.Client = append(doc.Client, step)
	}
	if expect, ok := object.Get("expect"); ok {
		if doc.Expect = checkExpect(expect, len(client)); doc.Expect == nil {
			return nil, fault("expect", "must have an observation per step, and what was received")
		}
	}
	return doc, nil
}

func listAt(object Object, key string) ([]Value, error) {
	value, _ := object.Get(key)
	list, ok := value.([]Value)
	if !ok {
		return nil, fault(key, "must be a list, got "+shown(value))
	}
	return list, nil
}

func checkExpect(value Value, steps int) *Expect {
	object, _ := value.(Object)
	observed, _ := object.Get("steps")
	received, _ := object.Get("received")
	oracle, _ := object.Get("oracle")
	var expect Expect
	var ok bool
	if expect.Steps, ok = observed.([]Value); !ok || len(expect.Steps) != steps {
		return nil
	}
	if expect.Received, ok = received.([]Value); !ok {
		return nil
	}
	expect.Oracle, _ = oracle.(string)
	return &expect
}

func checkScript(value Value, where string) (Script, error) {
	object, _ := value.(Object)
	content, _ := object.Get("actions")
	list, ok := content.([]Value)
	if !ok || len(object) != 1 {
		return nil, fault(where, `must be {"actions": [ … ]}, got `+shown(value))
	}
	script := Script{}
	for i, item := range list {
		action, err := checkAction(item, where+".actions["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, err
		}
		script = append(script, action)
	}
	return script, nil
}

func checkAction(value Value, where string) (Action, error) {
	object, ok := value.(Object)
	if !ok {
		return Action{}, fault(where, "must be an object, got "+shown(value))
	}
	names := unknownKeys(object, "repeat")
	if len(names) != 1 {
		return Action{}, fault(where, "must have exactly one action, got "+shown(value))
	}
	action := Action{Kind: names[0], Repeat: 1}
	want, ok := actions[action.Kind]
	if !ok {
		return Action{}, fault(where, "unknown action "+quoted(names))
	}
	argument, _ := object.Get(action.Kind)
	if err := checkKind(where, action.Kind, want, argument); err != nil {
		return Action{}, err
	}
	action.Bytes, _ = asBytes(argument)
	action.Text, _ = argument.(string)
	if n, ok := argument.(Number); ok {
		action.N = intOf(n)
	}
	if repeat, ok := object.Get("repeat"); ok {
		if action.Kind != "send" || !isInt(repeat) {
			return Action{}, fault(where, "repeat belongs to send, as an integer; got "+shown(value))
		}
		action.Repeat = intOf(repeat)
	}
	return action, nil
}

func checkStep(value Value, where string) (Step, error) {
	object, _ := value.(Object)
	call, _ := object.Get("call")
	step := Step{Response: -1}
	var ok bool
	if step.Call, ok = call.(string); !ok {
		return Step{}, fault(where, `must have a "call", got `+shown(value))
	}
	if unknown := unknownKeys(object, "call", "args", "response"); unknown != nil {
		return Step{}, fault(where, "unknown keys "+quoted(unknown))
	}
	arguments, isCall := calls[step.Call]
	onResponse, isResponseCall := responseCalls[step.Call]
	if !isCall && !isResponseCall {
		return Step{}, fault(where, "unknown call "+quoted([]string{step.Call}))
	}
	where += " (" + step.Call + ")"
	if args, ok := object.Get("args"); ok {
		if step.Args, ok = args.(Object); !ok {
			return Step{}, fault(where, "args must be an object, got "+shown(args))
		}
	}
	if response, ok := object.Get("response"); ok {
		if !isResponseCall || !isInt(response) {
			return Step{}, fault(where, "response is an index, for a call that acts on a response; got "+shown(response))
		}
		step.Response = intOf(response)
	}
	return step, checkArguments(where, step.Args, strings.Fields(arguments+onResponse))
}

func checkArguments(where string, args Object, allowed []string) error {
	var missing, names []string
	for _, name := range allowed {
		name, required := strings.CutSuffix(name, "!")
		names = append(names, name)
		if _, ok := args.Get(name); required && !ok {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		slices.Sort(missing)
		return fault(where, "missing arguments "+quoted(missing))
	}
	if unknown := unknownKeys(args, names...); unknown != nil {
		return fault(where, "unknown argument "+quoted(unknown[:1]))
	}
	for _, arg := range args {
		if err := checkKind(where, arg.Name, argumentKinds[arg.Name], arg.Value); err != nil {
			return err
		}
	}
	return nil
}

// intOf is an integer, or the nearest of 64 bits.
func intOf(v Value) int {
	n, _ := v.(Number).Int64()
	return int(n)
}

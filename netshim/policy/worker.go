package policy

import "fmt"

// CheckWorker tells whether these settings can be kept by a relay whose platform
// resolves and connects in one step, as a Cloudflare Worker's connect() does:
// there no address can be judged between the two. What is listed is then
// reached by name alone, so open mode is out, and so is a block of addresses,
// which no name could be checked against. Denying a block would be an empty
// promise for the same reason.
func CheckWorker(s *Settings) error {
	if s.Internet != nil {
		return fmt.Errorf("allow-internet: not possible where addresses cannot be checked before connecting; allow each host")
	}
	for _, r := range s.Allow {
		if r.name == "" && !r.prefix.IsSingleIP() {
			return fmt.Errorf("allow %q: not possible where addresses cannot be checked before connecting; allow each host", r.text)
		}
	}
	for _, r := range s.Deny {
		if r.name == "" && !r.prefix.IsSingleIP() {
			return fmt.Errorf("deny %q: cannot be kept where addresses cannot be checked before connecting", r.text)
		}
	}
	return nil
}

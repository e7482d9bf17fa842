package scan

// OptionType is what values an option takes (SANE Standard 1.06, 4.2.9.4).
type OptionType string

// A button does something and has no value; a group heads those after it.
const (
	Switch  OptionType = "switch"  // "yes" or "no"
	Integer OptionType = "integer" // decimal
	Number  OptionType = "number"  // decimal with a fraction
	Text    OptionType = "text"
	Button  OptionType = "button"
	Group   OptionType = "group"
)

// Range bounds a number; a Step of 0 means any between.
type Range struct {
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	Step float64 `json:"step,omitempty"`
}

// Option is one thing that can be set on a device.
type Option struct {
	Name     string     `json:"name"` // as in [Setting]
	Title    string     `json:"title,omitempty"`
	Help     string     `json:"help,omitempty"`
	Group    string     `json:"group,omitempty"` // title of the group that it stands under
	Type     OptionType `json:"type"`
	Unit     string     `json:"unit,omitempty"`     // "px", "bit", "mm", "dpi", "%", "µs"
	Length   int        `json:"length,omitempty"`   // values of a vector; 0 or 1 for a plain one
	Range    *Range     `json:"range,omitempty"`    // what numbers may be
	Choices  []string   `json:"choices,omitempty"`  // or what values there are
	Value    string     `json:"value,omitempty"`    // now
	Inactive bool       `json:"inactive,omitempty"` // another option's value makes it pointless
	Fixed    bool       `json:"fixed,omitempty"`    // only the device's own buttons change it
	Advanced bool       `json:"advanced,omitempty"`
}

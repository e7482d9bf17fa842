package sane

import (
	"time"

	"recto/scan"
)

// request is the first line to the child.
type request struct {
	Verb   string         `json:"verb"`             // "hello", "devices", "options", "scan"
	Device string         `json:"device,omitempty"` // SANE's name
	Known  *found         `json:"known,omitempty"`  // the device, where an earlier call has met it
	Set    []scan.Setting `json:"set,omitempty"`    // options
	Ticket *scan.Ticket   `json:"ticket,omitempty"` // scan
	Dir    scan.Path      `json:"dir,omitempty"`    // scan: where the images go
}

// order is any later line to the child.
type order struct {
	Verb string `json:"verb"` // "go": a sheet was received; "enough": and the device is to begin with no other; "cancel"
}

// reply is a line from the child. Exactly one has Final, the last.
type reply struct {
	Found   *found        `json:"found,omitempty"`
	Options []scan.Option `json:"options,omitempty"`
	Ready   *ready        `json:"ready,omitempty"`
	Began   int           `json:"began,omitempty"` // with this sheet, from 1
	Bytes   int64         `json:"bytes,omitempty"` // of the sheet have come: a sign of life
	Sheet   *made         `json:"sheet,omitempty"`
	Final   bool          `json:"final,omitempty"`
	Version string        `json:"version,omitempty"` // with Final: of SANE
	Problem *scan.Problem `json:"problem,omitempty"` // with Final
}

// found is a device as SANE lists it.
type found struct {
	Name   string `json:"name"`
	Vendor string `json:"vendor"`
	Model  string `json:"model"`
	Type   string `json:"type"` // "flatbed scanner", "sheetfed scanner", "virtual device" ...
}

func (f found) device() scan.Device {
	return scan.Device{ID: scheme + f.Name, Kind: "sane", Vendor: f.Vendor, Model: f.Model}
}

// ready says that all is set and what is in force for the whole run.
type ready struct {
	Device  found          `json:"device"`
	Serial  string         `json:"serial,omitempty"`
	Driver  string         `json:"driver"`
	Options []scan.Setting `json:"options"`
	Feeder  bool           `json:"feeder,omitempty"`
}

// made is a sheet that lies in a file.
type made struct {
	File    scan.Path    `json:"file"`
	Size    int64        `json:"size"`
	Width   int          `json:"width"`
	Height  int          `json:"height"`
	Density scan.Density `json:"density"`
	Side    scan.Side    `json:"side,omitempty"`
	Begun   time.Time    `json:"begun"`
	Ended   time.Time    `json:"ended"`
	Short   string       `json:"short,omitempty"` // what is missing of it: "100 of 196 rows came"
}

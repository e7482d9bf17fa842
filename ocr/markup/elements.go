package markup

import "encoding/xml"

// The elements of the schema, as far as they are written.
type (
	altoFile struct {
		XMLName     xml.Name        `xml:"alto"`
		Namespace   string          `xml:"xmlns,attr"`
		XSI         string          `xml:"xmlns:xsi,attr"`
		Location    string          `xml:"xsi:schemaLocation,attr"`
		Version     string          `xml:"SCHEMAVERSION,attr"`
		Description altoDescription `xml:"Description"`
		Page        altoPage        `xml:"Layout>Page"`
	}
	altoDescription struct {
		Unit       string           `xml:"MeasurementUnit"`
		Source     altoSource       `xml:"sourceImageInformation"`
		Processing []altoProcessing `xml:"Processing"`
	}
	altoSource struct {
		File       string `xml:"fileName,omitempty"`
		Identifier string `xml:"fileIdentifier,omitempty"`
	}
	altoProcessing struct {
		ID          string        `xml:"ID,attr"`
		Category    string        `xml:"processingCategory"`
		Description string        `xml:"processingStepDescription"`
		Settings    string        `xml:"processingStepSettings,omitempty"`
		Software    *altoSoftware `xml:"processingSoftware"`
	}
	altoSoftware struct {
		Name    string `xml:"softwareName"`
		Version string `xml:"softwareVersion,omitempty"`
	}
	altoPage struct {
		ID         string    `xml:"ID,attr"`
		Number     int       `xml:"PHYSICAL_IMG_NR,attr"`
		Width      int       `xml:"WIDTH,attr"`
		Height     int       `xml:"HEIGHT,attr"`
		Processing string    `xml:"PROCESSINGREFS,attr,omitempty"`
		Confidence string    `xml:"PC,attr,omitempty"`
		Language   string    `xml:"LANG,attr,omitempty"`
		Others     string    `xml:"OTHERLANGS,attr,omitempty"`
		Print      altoSpace `xml:"PrintSpace"`
	}
	altoBox struct {
		X int `xml:"HPOS,attr"`
		Y int `xml:"VPOS,attr"`
		W int `xml:"WIDTH,attr"`
		H int `xml:"HEIGHT,attr"`
	}
	altoSpace struct {
		altoBox
		Blocks []any // TextBlock or ComposedBlock
	}
	altoComposed struct {
		XMLName xml.Name `xml:"ComposedBlock"`
		ID      string   `xml:"ID,attr"`
		altoBox
		Blocks []altoBlock
	}
	altoBlock struct {
		XMLName xml.Name `xml:"TextBlock"`
		ID      string   `xml:"ID,attr"`
		altoBox
		Rotation  int        `xml:"ROTATION,attr,omitempty"`
		Language  string     `xml:"LANG,attr,omitempty"`
		Direction string     `xml:"BASEDIRECTION,attr,omitempty"`
		Lines     []altoLine `xml:"TextLine"`
	}
	altoLine struct {
		ID string `xml:"ID,attr"`
		altoBox
		Baseline string `xml:"BASELINE,attr,omitempty"`
		Parts    []any  // String, SP, String ... HYP
	}
	altoString struct {
		XMLName xml.Name `xml:"String"`
		ID      string   `xml:"ID,attr"`
		altoBox
		Content    string `xml:"CONTENT,attr"`
		Kind       string `xml:"SUBS_TYPE,attr,omitempty"`
		Whole      string `xml:"SUBS_CONTENT,attr,omitempty"`
		Confidence string `xml:"WC,attr"`
		Corrected  bool   `xml:"CS,attr,omitempty"`
		Language   string `xml:"LANG,attr,omitempty"`
	}
	altoGap struct {
		XMLName xml.Name `xml:"SP"`
	}
	altoHyphen struct {
		XMLName xml.Name `xml:"HYP"`
		Content string   `xml:"CONTENT,attr"`
	}
)

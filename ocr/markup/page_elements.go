package markup

import "encoding/xml"

// The elements of the PAGE schema, as far as they are written, in its order.
type (
	pageFile struct {
		XMLName   xml.Name     `xml:"PcGts"`
		Namespace string       `xml:"xmlns,attr"`
		XSI       string       `xml:"xmlns:xsi,attr"`
		Location  string       `xml:"xsi:schemaLocation,attr"`
		Metadata  pageMetadata `xml:"Metadata"`
		Page      pagePage     `xml:"Page"`
	}
	pageMetadata struct {
		External string     `xml:"externalRef,attr,omitempty"`
		Creator  string     `xml:"Creator"`
		Created  string     `xml:"Created"`
		Changed  string     `xml:"LastChange"`
		Items    []pageItem `xml:"MetadataItem"`
	}
	pageItem struct {
		Kind   string      `xml:"type,attr"`
		Name   string      `xml:"name,attr"`
		Value  string      `xml:"value,attr"`
		Labels *pageLabels `xml:"Labels"`
	}
	pageLabels struct {
		Labels []pageLabel `xml:"Label"`
	}
	pageLabel struct {
		Kind  string `xml:"type,attr"`
		Value string `xml:"value,attr"`
	}
	pagePage struct {
		File         string       `xml:"imageFilename,attr"`
		Width        int          `xml:"imageWidth,attr"`
		Height       int          `xml:"imageHeight,attr"`
		XResolution  string       `xml:"imageXResolution,attr,omitempty"`
		YResolution  string       `xml:"imageYResolution,attr,omitempty"`
		Unit         string       `xml:"imageResolutionUnit,attr,omitempty"`
		Language     string       `xml:"primaryLanguage,attr,omitempty"`
		Second       string       `xml:"secondaryLanguage,attr,omitempty"`
		Script       string       `xml:"primaryScript,attr,omitempty"`
		SecondScript string       `xml:"secondaryScript,attr,omitempty"`
		Confidence   string       `xml:"conf,attr,omitempty"`
		Order        *pageOrder   `xml:"ReadingOrder>OrderedGroup"`
		Regions      []pageRegion `xml:"TextRegion"`
	}
	pageOrder struct {
		ID      string          `xml:"id,attr"`
		Regions []pageReference `xml:"RegionRefIndexed"`
	}
	pageReference struct {
		Index  int    `xml:"index,attr"`
		Region string `xml:"regionRef,attr"`
	}
	pageCoords struct {
		Points string `xml:"points,attr"`
	}
	pageText struct {
		Confidence string `xml:"conf,attr"`
		Unicode    string `xml:"Unicode"`
	}
	pageRegion struct {
		ID          string     `xml:"id,attr"`
		Kind        string     `xml:"type,attr"`
		Orientation string     `xml:"orientation,attr,omitempty"`
		Direction   string     `xml:"readingDirection,attr,omitempty"`
		Language    string     `xml:"primaryLanguage,attr,omitempty"`
		Script      string     `xml:"primaryScript,attr,omitempty"`
		Coords      pageCoords `xml:"Coords"`
		Lines       []pageLine `xml:"TextLine"`
		Text        *pageText  `xml:"TextEquiv"`
	}
	pageLine struct {
		ID       string      `xml:"id,attr"`
		Coords   pageCoords  `xml:"Coords"`
		Baseline *pageCoords `xml:"Baseline"`
		Words    []pageWord  `xml:"Word"`
		Text     *pageText   `xml:"TextEquiv"`
	}
	pageWord struct {
		ID       string     `xml:"id,attr"`
		Language string     `xml:"language,attr,omitempty"`
		Script   string     `xml:"primaryScript,attr,omitempty"`
		Coords   pageCoords `xml:"Coords"`
		Text     *pageText  `xml:"TextEquiv"`
	}
)

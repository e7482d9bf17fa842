package premis

import (
	"strconv"
	"time"
)

func (w *writer) object(o Object) {
	category := "file"
	if o.Bitstream {
		category = "bitstream"
	}
	w.in(`object xsi:type="`+category+`"`, func() {
		for _, id := range o.ID {
			w.identifier("object", id, nil)
		}
		w.in("objectCharacteristics", func() {
			for _, d := range o.Fixity {
				w.in("fixity", func() {
					w.is("messageDigestAlgorithm", d.Algorithm, Digests)
					w.is("messageDigest", d.Value, "")
				})
			}
			if o.Size > 0 {
				w.is("size", strconv.FormatInt(o.Size, 10), "")
			}
			w.in("format", func() {
				w.in("formatDesignation", func() { w.is("formatName", o.Format, "") })
				if o.PUID != "" {
					w.in("formatRegistry", func() {
						w.is("formatRegistryName", pronom, "")
						w.is("formatRegistryKey", o.PUID, "")
						w.is("formatRegistryRole", "specification", Registries)
					})
				}
				w.is("formatNote", o.FormatNote, "")
			})
		})
		if !o.Bitstream {
			w.is("originalName", o.OriginalName, "")
		}
		for _, r := range o.Relations {
			w.in("relationship", func() {
				w.is("relationshipType", r.Type, Relations)
				w.is("relationshipSubType", r.SubType, SubRelations)
				for _, id := range r.Objects {
					w.identifier("relatedObject", id, nil)
				}
				if r.Event != (Identifier{}) {
					w.identifier("relatedEvent", r.Event, nil)
				}
			})
		}
	})
}

func (w *writer) event(e Event) {
	w.in("event", func() {
		w.identifier("event", e.ID, nil)
		w.is("eventType", e.Type, EventTypes)
		w.is("eventDateTime", e.Time.UTC().Format(time.RFC3339Nano), "")
		for _, d := range e.Details {
			w.in("eventDetailInformation", func() { w.is("eventDetail", d, "") })
		}
		if e.Outcome != "" {
			w.in("eventOutcomeInformation", func() {
				w.is("eventOutcome", e.Outcome, "")
				if e.Note != "" {
					w.in("eventOutcomeDetail", func() { w.is("eventOutcomeDetailNote", e.Note, "") })
				}
			})
		}
		for _, l := range e.Agents {
			w.identifier("linkingAgent", l.ID, func() { w.is("linkingAgentRole", l.Role, AgentRoles) })
		}
		for _, l := range e.Objects {
			w.identifier("linkingObject", l.ID, func() { w.is("linkingObjectRole", l.Role, ObjectRoles) })
		}
	})
}

func (w *writer) agent(a Agent) {
	w.in("agent", func() {
		w.identifier("agent", a.ID, nil)
		w.is("agentName", a.Name, "")
		w.is("agentType", a.Type, AgentTypes)
		w.is("agentVersion", a.Version, "")
		for _, n := range a.Notes {
			w.is("agentNote", n, "")
		}
	})
}

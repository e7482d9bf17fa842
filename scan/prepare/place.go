package prepare

import "recto/scan"

// Placed gives the page out of a picture with square pixels ([Picture.Squared]): what
// the steps of r that belong to [scan.Recipe.Place] say, after the file's orientation.
// Each position of it is where scan.Frame says. It may share memory with p; both must
// be closed.
func (p *Picture) Placed(o scan.Orientation, r scan.Recipe) (*Picture, error) {
	up, err := p.Oriented(o, r.Quarter())
	if err != nil {
		return nil, err
	}
	defer up.Close()
	part, err := up.Part(r)
	if err != nil {
		return nil, err
	}
	box, cropped := r.Cropped()
	if !cropped && r.Skew() == 0 {
		return part, nil
	}
	defer part.Close()
	return part.Deskewed(r.Skew(), box)
}

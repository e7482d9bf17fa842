package prepare

func (s *sketch) blank() bool { return false }

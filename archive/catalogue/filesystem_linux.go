package catalogue

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// networks are the file systems whose locks and shared memory SQLite's WAL mode
// cannot trust (https://www.sqlite.org/wal.html, "all processes must be on the
// same host"; numbers from statfs(2)). 9P is not among them: containers and virtual
// machines have it as their root, and all who use it there are on one host.
var networks = map[uint32]string{
	unix.NFS_SUPER_MAGIC:  "NFS",
	unix.SMB_SUPER_MAGIC:  "SMB",
	unix.SMB2_SUPER_MAGIC: "SMB",
	unix.CIFS_SUPER_MAGIC: "CIFS",
	unix.AFS_SUPER_MAGIC:  "AFS",
	unix.CODA_SUPER_MAGIC: "Coda",
	unix.CEPH_SUPER_MAGIC: "Ceph",
	0x0BD00BD0:            "Lustre",
	0x47504653:            "GPFS",
}

// refuseNetwork gives ErrNetwork where folder lies on a network file system.
func refuseNetwork(folder string) error {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return fmt.Errorf("file system of %s: %w", folder, err)
	}
	return network(uint32(s.Type), folder)
}

func network(magic uint32, folder string) error {
	if name, found := networks[magic]; found {
		return fmt.Errorf("%s is on %s: %w", folder, name, ErrNetwork)
	}
	return nil
}

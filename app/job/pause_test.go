package job

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Progress
		ctx, cancel := context.WithCancel(t.Context())
		if p.Gate(ctx) != nil || p.Paused() {
			t.Error("held without a pause")
		}
		var told []bool
		stop := p.OnPause(func(on bool) { told = append(told, on) })
		p.Pause(true)
		p.Pause(true)
		through := 0
		for range 2 {
			go func() {
				if p.Gate(ctx) == nil {
					through++
				}
			}()
		}
		synctest.Wait()
		if through != 0 || !p.Snapshot().Paused {
			t.Errorf("%d came through a closed gate", through)
		}
		p.Pause(false)
		synctest.Wait()
		if through != 2 || p.Paused() {
			t.Errorf("%d came through", through)
		}
		p.Pause(true)
		stop() // what is held must not stay so
		if len(told) != 4 || !told[0] || told[1] || !told[2] || told[3] {
			t.Errorf("told %v", told)
		}
		stop = p.OnPause(func(on bool) { told = append(told, on) })
		if len(told) != 5 || !told[4] {
			t.Errorf("work that begins in a pause is told %v", told)
		}
		var err error
		go func() { err = p.Gate(ctx) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if err == nil {
			t.Error("a cancel does not open the gate")
		}
		stop()
		var none *Progress
		none.Pause(true)
		none.OnPause(nil)()
		if none.Paused() || none.Gate(t.Context()) != nil {
			t.Error("no progress is held")
		}
	})
}

import os, sys, time
open("/tmp/console-urls","w").write("\n".join(sys.argv[1:]))
while not os.path.exists("/tmp/console-stop"): time.sleep(0.3)

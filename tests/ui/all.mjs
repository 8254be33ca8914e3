// All tests of the page, one after the other: they share one world. The last ones take the controller away.
import './signin_tests.mjs';
import './fleet_tests.mjs';
import './group_tests.mjs';
import './rights_tests.mjs';
import './switchover_tests.mjs';
import './keyboard_tests.mjs';
import './access_tests.mjs';
import './live_tests.mjs';

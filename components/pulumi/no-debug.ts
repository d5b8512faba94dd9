/** Variable that is set where nobody reads the SDK's debug messages. Apart, as the command line does without the SDK. */
export const NO_DEBUG = "FAIRLEAD_NO_DEBUG";

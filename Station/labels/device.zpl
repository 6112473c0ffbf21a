^XA
^FX 50 x 25 mm at 203 dpi: DataMatrix of the DeviceName, and what a person reads.^FS
^CI28^PW400^LL200^LH0,0
^FO20,30^BXN,6,200^FD{device_name}^FS
^FO190,30^A0N,30,26^FB200,2^FD{device_name}^FS
^FO190,110^A0N,22,20^FD{order} {serial}^FS
^FO190,140^A0N,22,20^FD{release} {date}^FS
^XZ
